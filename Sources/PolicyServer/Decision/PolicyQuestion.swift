import Crypto
package import MailModel

/// What a request comes down to.
package enum PolicyQuestion: Equatable {
    /// Nothing is to be decided or counted.
    case nothing
    /// Mail that counts, of a sender or login that names no valid domain.
    case noDomain
    case charge(PolicyCharge)
}

/// A message, or a recipient of one, that a domain is to be charged for.
package struct PolicyCharge: Equatable, Sendable {
    package var domain: DomainName
    /// At least 1.
    package var recipients: Int64
    /// The same when it is asked again; `nil` where the mail server sends no `instance`, and every request counts.
    package var key: [UInt8]?
}

extension PolicyRules {
    /// The most recipients a message is counted for: beyond this a number is no count of Postfix's.
    package static let mostRecipients: Int64 = 100_000

    package func question(in request: PolicyRequest) -> PolicyQuestion {
        guard let recipients = recipients(in: request) else { return .nothing }
        guard let text = domainText(in: request) else { return request.sender.isEmpty ? .nothing : .noDomain }
        guard let domain = try? DomainName(text) else { return .noDomain }
        return .charge(PolicyCharge(domain: domain, recipients: recipients, key: key(of: request, domain: domain)))
    }

    /// How much the request counts for; `nil` when its state is not the one that counts.
    private func recipients(in request: PolicyRequest) -> Int64? {
        switch (request.protocolState, count) {
        case ("DATA", .recipients), ("END-OF-MESSAGE", .recipients): min(max(1, request.recipientCount), Self.mostRecipients)
        case ("DATA", .messages), ("END-OF-MESSAGE", .messages), ("RCPT", .rcpt): 1
        default: nil
        }
    }

    /// What stands behind the last at sign; `nil` where there is none.
    private func domainText(in request: PolicyRequest) -> String? {
        // A login that sends as nobody is still charged: else the null sender would be a way around every limit.
        let address = domain == .sasl || request.sender.isEmpty ? request.saslUsername : request.sender
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return String(address[address.utf8.index(after: at)...])
    }

    /// DATA and END-OF-MESSAGE share a key: a mail server that asks at both is answered once. The parts stand on lines of their own,
    /// which no value can hold.
    private func key(of request: PolicyRequest, domain: DomainName) -> [UInt8]? {
        guard !request.instance.isEmpty else { return nil }
        let recipient = count == .rcpt ? request.recipient : ""
        let text = "\(request.instance)\n\(recipient)\n\(domain)"
        return Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
    }
}
