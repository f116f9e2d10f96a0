import Crypto
package import MailModel

/// What a request asks for.
package enum PolicyQuestion: Equatable {
    /// Nothing: it is neither decided nor counted.
    case nothing
    /// A message that counts, whose sender or login has no valid domain. So has the null sender of a login without one.
    case noDomain
    /// A message that a domain is charged for.
    case charge(PolicyCharge)
}

/// A message, or a recipient of one, that a domain is charged for.
package struct PolicyCharge: Equatable, Sendable {
    /// The domain of the sender or login.
    package var domain: DomainName
    /// How many emails are counted, at least 1.
    package var recipients: Int64
    /// The domain of the name that the client logged in with; `nil` without a login, and for one without a valid domain.
    package var login: DomainName?
    /// The key of the answer, the same in a repeated request; `nil` where the mail server sends no `instance`, and every request counts.
    package var key: [UInt8]?
}

extension PolicyRules {
    /// The most recipients that a message is counted for: Postfix sends no higher number.
    package static let mostRecipients: Int64 = 100_000

    /// Returns what a request asks for by these rules (specification 11.1 and 11.2).
    package func question(in request: PolicyRequest) -> PolicyQuestion {
        guard let recipients = recipients(in: request) else { return .nothing }
        // A bounce of the mail server itself has neither sender nor login.
        if request.sender.isEmpty && request.saslUsername.isEmpty { return .nothing }
        guard let domain = domainText(in: request).flatMap({ try? DomainName($0) }) else { return .noDomain }
        return .charge(
            PolicyCharge(domain: domain, recipients: recipients, login: login(in: request), key: key(of: request, domain: domain)))
    }

    private func login(in request: PolicyRequest) -> DomainName? {
        Self.domainText(of: request.saslUsername).flatMap { try? DomainName($0) }
    }

    /// Returns how many emails the request counts for; `nil` in the states of the session that do not count.
    private func recipients(in request: PolicyRequest) -> Int64? {
        switch (request.protocolState, count) {
        case ("DATA", .recipients), ("END-OF-MESSAGE", .recipients): min(max(1, request.recipientCount), Self.mostRecipients)
        case ("DATA", .messages), ("END-OF-MESSAGE", .messages), ("RCPT", .rcpt): 1
        default: nil
        }
    }

    private func domainText(in request: PolicyRequest) -> String? {
        // A login is charged for the null sender too: otherwise that would evade every limit.
        Self.domainText(of: domain == .sasl || request.sender.isEmpty ? request.saslUsername : request.sender)
    }

    /// Returns what follows the last at sign; `nil` where there is none.
    private static func domainText(of address: String) -> String? {
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return String(address[address.utf8.index(after: at)...])
    }

    /// Returns the key of the answer.
    ///
    /// `DATA` and `END-OF-MESSAGE` share it: a mail server that asks at both is charged once. The parts are separated by line feeds, which
    /// no value contains.
    private func key(of request: PolicyRequest, domain: DomainName) -> [UInt8]? {
        guard !request.instance.isEmpty else { return nil }
        let recipient = count == .rcpt ? request.recipient : ""
        let text = "\(request.instance)\n\(recipient)\n\(domain)"
        return Array(SHA256.hash(data: Array(text.utf8)).prefix(16))
    }
}
