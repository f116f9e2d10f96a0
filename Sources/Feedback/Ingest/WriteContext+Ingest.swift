import MailModel
import Storage

/// What became of an event.
struct Ingestion: Sendable, Equatable {
    enum Outcome: String, Sendable {
        /// Seen before; nothing was changed.
        case duplicate
        /// Belongs to an email of ours.
        case applied
        /// Belongs to no email that we know, or not yet; kept.
        case unmatched
        /// Of a type that this version does not know; kept.
        case unknown
    }

    var outcome: Outcome
    /// The domain that the guillotine cut off by this event, and why.
    var suspension: Suspension?

    struct Suspension: Sendable, Equatable {
        var domain: DomainName
        var reason: String
    }
}

extension WriteContext {
    /// Takes in an event, all of it in this transaction: receipt, timeline and status, counters, suppressions, guillotine.
    func ingest(_ event: SESEvent, payload: String, receipt: String?, rules: FeedbackRules, guillotine: Guillotine) throws -> Ingestion {
        if let receipt, try !recordReceipt(receipt) { return Ingestion(outcome: .duplicate) }
        guard event.happening != .other else {
            // Without the message's id: there is nothing to apply later.
            try keepUnmatchedEvent(messageID: nil, kind: event.type, source: event.mail.source?.description, payload: payload)
            return Ingestion(outcome: .unknown)
        }
        let email = try email(of: event.mail)
        if let email {
            try record(event, on: email)
        } else {
            try keepUnmatchedEvent(
                messageID: event.mail.messageID, kind: event.type, source: event.mail.source?.description, payload: payload)
        }
        return Ingestion(
            outcome: email == nil ? .unmatched : .applied,
            suspension: try count(event.tally(by: rules), of: event.mail, email: email, guillotine: guillotine))
    }

    private func count(
        _ tally: SESEvent.Tally, of mail: SESEvent.Mail, email: EmailState?, guillotine: Guillotine
    ) throws -> Ingestion.Suspension? {
        guard !tally.isEmpty else { return nil }
        let domain = try domain(of: mail, email: email)
        if let accountID = try email?.accountID ?? domain?.accountID ?? mail.source.flatMap({ try sender($0) })?.accountID {
            for address in tally.suppressed {
                try suppress(address, accountID: accountID, reason: tally.reason, note: nil)
            }
        }
        guard var domain else { return nil }
        domain.counters.bounces += tally.bounces
        domain.counters.complaints += tally.complaints
        defer { save(domain) }
        guard tally.bounces > 0, domain.outbound.status == .active, let reason = guillotine.verdict(on: domain.counters) else { return nil }
        domain.suspend(reason: reason, at: now)
        let notice = AccountNotice(.domainSuspended, domain: domain.name, explanation: "\(domain.name) was suspended: \(reason)")
        try announce(notice, to: domain.accountID)
        return Ingestion.Suspension(domain: domain.name, reason: reason)
    }
}
