import Concurrency
package import DNS
package import MailModel

/// Checks of recipients before an email is accepted (specification 9.3): role addresses, and domains that accept no mail.
///
/// They run before the transaction, as the DNS may be slow. A domain for which the DNS gives no answer within ``patience`` counts as one
/// that accepts mail, so that a broken name server stops no mail.
package struct RecipientChecks: Sendable {
    /// Asks the DNS whether a domain accepts mail.
    package typealias MailAcceptanceLookup = @Sendable (DomainName) async -> MailAcceptance

    /// How long an email waits for the DNS.
    static let patience = Duration.seconds(2)

    /// What is done about role addresses (`recipients.roleAddresses`).
    package var roleAddresses: RecipientCheck
    /// What is done about domains without a mail server (`recipients.requireMX`).
    package var requireMX: RecipientCheck
    private let mailAcceptance: MailAcceptanceLookup
    private let patience: Duration

    /// Creates checks.
    ///
    /// - Parameter mailAcceptance: asks the DNS whether a domain accepts mail.
    package init(roleAddresses: RecipientCheck, requireMX: RecipientCheck, mailAcceptance: @escaping MailAcceptanceLookup) {
        self.init(roleAddresses: roleAddresses, requireMX: requireMX, patience: Self.patience, mailAcceptance: mailAcceptance)
    }

    init(roleAddresses: RecipientCheck, requireMX: RecipientCheck, patience: Duration, mailAcceptance: @escaping MailAcceptanceLookup) {
        self.roleAddresses = roleAddresses
        self.requireMX = requireMX
        self.patience = patience
        self.mailAcceptance = mailAcceptance
    }

    /// Whether there is nothing to check.
    var isOff: Bool { roleAddresses == .off && requireMX == .off }

    /// No checks.
    package static let off = RecipientChecks(roleAddresses: .off, requireMX: .off) { _ in .unknown }

    /// Checks all recipients of an email at the same time, as most of it is waiting for the DNS.
    ///
    /// - Parameter recipients: each with where it stands in the request.
    func check(_ recipients: [(address: EmailAddress, field: String)]) async -> RecipientCheckResult {
        if isOff { return RecipientCheckResult() }
        if let recipient = recipients.first, recipients.count == 1 { return await check(recipient.address, in: recipient.field) }
        let results = await withTaskGroup(of: (Int, RecipientCheckResult).self) { group in
            for (index, recipient) in recipients.enumerated() {
                group.addTask { (index, await check(recipient.address, in: recipient.field)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return RecipientCheckResult(warnings: results.flatMap(\.warnings), refusal: results.lazy.compactMap(\.refusal).first)
    }

    func check(_ recipient: EmailAddress, in field: String = "to") async -> RecipientCheckResult {
        var result = RecipientCheckResult()
        // The addresses of mail simulators are always accepted.
        guard !recipient.isOfAnySimulator else { return result }
        if roleAddresses != .off, recipient.isRole {
            result.add(
                "\(recipient.localPart)@ is a role address: it belongs to a function and not to a person", roleAddresses, in: field)
        }
        guard requireMX != .off, result.refusal == nil else { return result }
        switch await acceptance(of: recipient.domain) {
        case .refuses(let reason): result.add(reason, requireMX, in: field)
        case .nullMX(let reason): result.add(reason, code: .recipientTakesNoMail, requireMX, in: field)
        case .accepts, .unknown: break
        }
        return result
    }

    private func acceptance(of domain: DomainName) async -> MailAcceptance {
        let acceptance = try? await withTimeout(patience) { await mailAcceptance(domain) }
        return acceptance ?? .unknown
    }
}

/// The result of the checks of one recipient, or of all recipients of an email.
struct RecipientCheckResult: Sendable, Equatable {
    /// What the sender should know; each warning begins with the field of the recipient.
    var warnings: [String] = []
    /// Why a recipient must not be mailed; `nil` where all may be.
    var refusal: Refusal?

    fileprivate mutating func add(_ explanation: String, code: RefusalCode = .recipientRefused, _ check: RecipientCheck, in field: String) {
        let sentence = "\(field): \(explanation)"
        if check == .refuse {
            refusal = refusal ?? Refusal(.badTo, code: code, field: field, sentence)
        } else {
            warnings.append(sentence)
        }
    }
}
