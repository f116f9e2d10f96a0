package import DNS
package import MailModel

/// Looks at recipients before an email is accepted (specification 9.3): role addresses, and domains that take no mail.
///
/// Before, and not in the transaction: the DNS may take its time. What the DNS does not say within ``patience`` is taken for good: a name server's
/// trouble stops no mail.
package struct RecipientChecks: Sendable {
    package typealias Acceptance = @Sendable (DomainName) async -> MailAcceptance

    /// How long an email waits for the DNS.
    static let patience = Duration.seconds(2)

    /// What is done about role addresses (`recipients.roleAddresses`).
    package var roleAddresses: RecipientCheck
    /// What is done about domains without a mail server (`recipients.requireMX`).
    package var requireMX: RecipientCheck
    private let acceptance: Acceptance
    private let patience: Duration

    /// - Parameter acceptance: whether a domain takes mail.
    package init(roleAddresses: RecipientCheck, requireMX: RecipientCheck, acceptance: @escaping Acceptance) {
        self.init(roleAddresses: roleAddresses, requireMX: requireMX, patience: Self.patience, acceptance: acceptance)
    }

    init(roleAddresses: RecipientCheck, requireMX: RecipientCheck, patience: Duration, acceptance: @escaping Acceptance) {
        self.roleAddresses = roleAddresses
        self.requireMX = requireMX
        self.patience = patience
        self.acceptance = acceptance
    }

    /// Nothing is looked at.
    package static let off = RecipientChecks(roleAddresses: .off, requireMX: .off) { _ in .unknown }

    /// What was found out about a recipient.
    struct Finding: Sendable, Equatable {
        var warnings: [String] = []
        /// Why it must not be written to.
        var refusal: SubmissionRefusal?

        fileprivate mutating func add(_ explanation: String, _ check: RecipientCheck, in field: String) {
            let words = "\(field): \(explanation)"
            if check == .refuse { refusal = refusal ?? SubmissionRefusal(.badTo, field: field, words) } else { warnings.append(words) }
        }
    }

    /// Looks at all recipients of an email at the same time: what takes time is the DNS.
    ///
    /// - Parameter recipients: each with its place in the request.
    func look(at recipients: [(address: EmailAddress, field: String)]) async -> Finding {
        let findings = await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, recipient) in recipients.enumerated() {
                group.addTask { (index, await look(at: recipient.address, in: recipient.field)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return Finding(warnings: findings.flatMap(\.warnings), refusal: findings.lazy.compactMap(\.refusal).first)
    }

    func look(at recipient: EmailAddress, in field: String = "to") async -> Finding {
        var finding = Finding()
        // Simulators are there to be written to.
        guard !recipient.isSimulator, !recipient.isSESSimulator else { return finding }
        if roleAddresses != .off, recipient.isRole {
            finding.add(
                "\(recipient.localPart)@ is a role address: it belongs to a function and not to a person", roleAddresses, in: field)
        }
        if requireMX != .off, finding.refusal == nil, case .refuses(let reason) = await acceptance(of: recipient.domain) {
            finding.add(reason, requireMX, in: field)
        }
        return finding
    }

    private func acceptance(of domain: DomainName) async -> MailAcceptance {
        await withTaskGroup(of: MailAcceptance.self) { group in
            group.addTask { await acceptance(domain) }
            group.addTask {
                // Cancelled when the DNS was faster.
                try? await Task.sleep(for: patience)
                return .unknown
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .unknown
        }
    }
}
