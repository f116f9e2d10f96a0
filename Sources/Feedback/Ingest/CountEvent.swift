import MailModel
import Storage

/// Counts the bounces and complaints of an event for its domain and account, suspends the domain and judges the account by them, and
/// suppresses the addresses that must not be mailed again (specification 4.4, 6 and 8.1).
///
/// Other events change nothing.
struct CountEvent: Sendable {
    /// The event; where the email is known, as one about that email (``SESEvent/about(_:)``).
    let event: SESEvent
    /// The email that it is about; `nil` where that is not known.
    let email: EmailState?
    let policy: FeedbackPolicy

    /// Returns what became of the event: the outcome given, with what its counts have led to.
    func run(in tx: Transaction, outcome: Ingestion.Outcome) throws -> Ingestion {
        var ingestion = Ingestion(outcome: outcome)
        let tally = event.tally(by: policy.rules)
        guard !tally.isEmpty else { return ingestion }
        let domain = try domain(in: tx)
        guard try !wasCountedInTheOtherShape(in: tx) else { return ingestion }
        if let domain { ingestion.suspension = try count(tally, of: domain, in: tx) }
        if let accountID = try accountID(domain: domain, in: tx) {
            if let source = domain.map({ UsageSource.domain($0.id) }) ?? (email?.sender ?? event.mail.source).map(UsageSource.sender) {
                let counts = UsageCounts(bounces: tally.bounces, complaints: tally.complaints)
                tx.usage.count(counts, of: source, accountID: accountID)
            }
            for address in tally.suppressed {
                try suppress(address, accountID: accountID, reason: tally.reason, in: tx)
            }
            ingestion.notice = try JudgeAccount(
                accountID: accountID, bounces: tally.bounces, complaints: tally.complaints, reputation: policy.reputation
            ).run(in: tx)
        }
        return ingestion
    }

    /// Whether the recipient of the email is erased: no address of the event is stored then.
    private var isOfErased: Bool { email?.recipient.isErased == true }

    private func suppress(_ address: EmailAddress, accountID: Int64, reason: SuppressionReason, in tx: Transaction) throws {
        if isOfErased { return try tx.suppressions.insertErased(address, accountID: accountID, reason: reason) }
        try tx.suppressions.insert(address, accountID: accountID, reason: reason, note: nil)
    }

    /// Whether SES has reported in its other shape before what counts here.
    ///
    /// To be called with the domain locked, because two nodes may get the two reports at once.
    private func wasCountedInTheOtherShape(in tx: Transaction) throws -> Bool {
        guard let receipt = event.receipt(in: event.shape) else { return false }
        _ = try tx.receipts.insert(receipt, ofErased: isOfErased)
        return try SESEvent.Shape.allCases.contains { shape in
            try shape != event.shape && event.receipt(in: shape).map { try tx.receipts.contains($0, ofErased: isOfErased) } ?? false
        }
    }

    private func count(_ tally: SESEvent.Tally, of domain: SendingDomain, in tx: Transaction) throws -> Ingestion.Suspension? {
        var domain = domain
        let period = try domain.counters.countBounces(tally.bounces, countedAt: email?.createdAt ?? event.mail.sentAt) {
            try email.flatMap { try tx.timeline.sentAt($0.id) } ?? event.mail.sentAt
        }
        domain.counters.complaints += tally.complaints
        defer { tx.domains.update(domain) }
        guard tally.bounces > 0, domain.outbound.status == .active,
            let reason = policy.guillotine.verdict(on: domain.counters, late: period)
        else { return nil }
        domain.suspend(reason: reason, at: tx.now)
        let notice = AccountNotice(.domainSuspended, domain: domain.name, explanation: "\(domain.name) was suspended: \(reason)")
        try tx.notices.insert(notice, for: domain.accountID)
        try tx.audit.insert(
            AuditChange(
                .domainSuspend, target: .domain(domain.name), account: domain.accountID, before: ["outbound_status": "active"],
                after: ["outbound_status": "suspended", "suspended_reason": .string(reason)]),
            by: .system)
        return Ingestion.Suspension(domain: domain.name, reason: reason)
    }

    /// The account that the event counts for: that of the email, or of the domain, or of the verified single sender.
    private func accountID(domain: SendingDomain?, in tx: Transaction) throws -> Int64? {
        if let accountID = email?.accountID ?? domain?.accountID { return accountID }
        let sender = try event.mail.source.flatMap { try tx.senders.find($0) }
        return sender?.status == .verified ? sender?.accountID : nil
    }

    /// The domain that the event counts for: that of the sender's address, or the nearest proven one above it.
    ///
    /// A claim that is not proven gets no events of mail that may be another's.
    ///
    /// The email's own domain is taken where it fits, also when that was deleted and the name has another owner now. An email that was charged to no
    /// domain counts for none.
    private func domain(in tx: Transaction) throws -> SendingDomain? {
        if let email {
            guard let domainID = email.domainID else { return nil }
            if let domain = try tx.domains.find(domainID), event.mail.sourceDomain?.isWithin(domain.name) ?? true { return domain }
        }
        var name = event.mail.sourceDomain
        while let candidate = name {
            if let domain = try tx.domains.findProven(candidate) { return domain }
            name = candidate.parent
        }
        return nil
    }
}
