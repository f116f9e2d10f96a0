import MailModel
import Storage

/// Takes in an event of SES, all of it in one transaction: receipt, timeline and status, counters, suppressions, guillotine, reputation
/// (specification 4.3 to 4.6).
struct IngestEvent: Sendable {
    /// The event as SES sent it.
    let event: SESEvent
    /// Its JSON.
    let payload: String
    /// What a repeated delivery is known by: it has one of these receipts already.
    ///
    /// Empty where nothing is repeated.
    let receipts: [String]
    let policy: FeedbackPolicy

    /// What the command reads and changes.
    var intent: WriteIntent {
        var intent = EventIntent(email: event.mail.claimedID, messageID: event.mail.messageID)
        intent.receipts = receipts
        // What counts changes the account and the domain; all else leaves them alone.
        guard !event.tally(by: policy.rules).isEmpty || event.mailboxEvidence(by: policy.rules)?.isSoftBounce == true else {
            return .event(intent)
        }
        intent.counts = true
        intent.source = event.mail.source
        intent.domain = event.mail.sourceDomain
        intent.receipts += SESEvent.Shape.allCases.compactMap(event.receipt)
        return .event(intent)
    }

    /// Returns what became of the event.
    func run(in tx: Transaction) throws -> Ingestion {
        let isOfErased = try isOfErased(in: tx)
        for receipt in receipts where try !tx.receipts.insert(receipt, ofErased: isOfErased) { return Ingestion(outcome: .duplicate) }
        guard event.kind != .other else {
            // Without the message's id: there is nothing to apply later. Its text may have the address of an erased recipient anywhere.
            if !isOfErased { try store(messageID: nil, in: tx) }
            return Ingestion(outcome: .unknown)
        }
        guard let email = try email(in: tx) else {
            try store(messageID: event.mail.messageID, in: tx)
            return try CountEvent(event: event, email: nil, policy: policy).run(in: tx, outcome: .unmatched)
        }
        let event = event.about(email.recipient)
        try tx.emails.apply(event.effect(by: policy.rules), to: email.id)
        var ingestion = try CountEvent(event: event, email: email, policy: policy).run(in: tx, outcome: .applied)
        ingestion.emailID = email.id
        return ingestion
    }

    /// Whether the email that the event is about is known, and its recipient erased.
    private func isOfErased(in tx: Transaction) throws -> Bool {
        let stored = try event.mail.messageID.flatMap { try tx.sesMessages.find($0) }
        guard let id = stored ?? event.mail.claimedID else { return false }
        return try tx.emails.findForUpdate(id)?.recipient.isErased ?? false
    }

    private func store(messageID: String?, in tx: Transaction) throws {
        try tx.unmatchedEvents.insert(
            messageID: messageID, kind: event.type, source: event.mail.source?.description, payload: payload,
            effect: messageID == nil ? nil : event.effect(by: policy.rules))
    }

    /// The email that the event is about; `nil` when it is none of ours, or SES's id of it is not recorded yet.
    ///
    /// SES's own id is believed. The id in a tag or header is only when the email has the sender's domain, as far as that can be read:
    /// whoever sends through the same SES account can write any id there.
    private func email(in tx: Transaction) throws -> EmailState? {
        let mail = event.mail
        if let messageID = mail.messageID, let id = try tx.sesMessages.find(messageID) { return try tx.emails.findForUpdate(id) }
        guard let id = mail.claimedID, let email = try tx.emails.findForUpdate(id),
            email.sender.domain == mail.sourceDomain ?? email.sender.domain
        else { return nil }
        if let messageID = mail.messageID {
            try tx.sesMessages.insert(messageID, of: id)
            try tx.unmatchedEvents.apply(messageID: messageID, to: id)
        }
        return email
    }
}

/// What became of an event.
struct Ingestion: Sendable, Equatable {
    enum Outcome: String, Sendable {
        /// Seen before; nothing was changed.
        case duplicate
        /// About a known email.
        case applied
        /// About no known email, or about one whose id at SES is not recorded yet; stored.
        case unmatched
        /// Of a type that this version does not know; stored.
        case unknown
    }

    var outcome: Outcome
    /// The email that it was applied to.
    var emailID: EmailID?
    /// The domain that the guillotine suspended because of this event, and why.
    var suspension: Suspension?
    /// What the account was notified of because of this event.
    var notice: AccountNotice?

    struct Suspension: Sendable, Equatable {
        var domain: DomainName
        var reason: String
    }
}
