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
    /// What the account was told because of this event.
    var notice: AccountNotice?

    struct Suspension: Sendable, Equatable {
        var domain: DomainName
        var reason: String
    }
}

extension WriteContext {
    /// Takes in an event, all of it in this transaction: receipt, timeline and status, counters, suppressions, guillotine, reputation.
    func ingest(_ received: SESEvent, payload: String, receipt: String?, judges: FeedbackPolicy) throws -> Ingestion {
        if let receipt, try !recordReceipt(receipt) { return Ingestion(outcome: .duplicate) }
        guard received.kind != .other else {
            // Without the message's id: there is nothing to apply later.
            try keepUnmatchedEvent(messageID: nil, kind: received.type, source: received.mail.source?.description, payload: payload)
            return Ingestion(outcome: .unknown)
        }
        let email = try email(of: received.mail, rules: judges.rules)
        let event = email.map { received.about($0.recipient) } ?? received
        if let email {
            try record(event, on: email, rules: judges.rules)
        } else {
            try keepUnmatchedEvent(
                messageID: event.mail.messageID, kind: event.type, source: event.mail.source?.description, payload: payload)
        }
        var ingestion = Ingestion(outcome: email == nil ? .unmatched : .applied)
        let tally = event.tally(by: judges.rules)
        guard !tally.isEmpty else { return ingestion }
        let domain = try domain(of: event.mail, email: email)
        guard try !wasToldInTheOtherShape(event) else { return ingestion }
        if let domain { ingestion.suspension = try count(tally, of: domain, event, email, guillotine: judges.guillotine) }
        if let accountID = try accountID(of: event.mail, email: email, domain: domain) {
            try suppress(tally, accountID: accountID)
            ingestion.notice = try count(
                bounces: tally.bounces, complaints: tally.complaints, of: accountID, judgedBy: judges.reputation)
        }
        return ingestion
    }

    /// Whether SES has told what counts here by its other way before. To be asked with the domain locked, where two nodes might hear it at once.
    private func wasToldInTheOtherShape(_ event: SESEvent) throws -> Bool {
        guard let receipt = event.receipt(in: event.shape) else { return false }
        _ = try recordReceipt(receipt)
        return try SESEvent.Shape.allCases.contains { shape in
            try shape != event.shape && event.receipt(in: shape).map(hasReceipt) ?? false
        }
    }

    private func count(
        _ tally: SESEvent.Tally, of domain: SendingDomain, _ event: SESEvent, _ email: EmailState?, guillotine: Guillotine
    ) throws -> Ingestion.Suspension? {
        var domain = domain
        let period = try domain.counters.countBounces(tally.bounces, countedAt: email?.createdAt ?? event.mail.sentAt) {
            try email.flatMap { try sentAt($0.id) } ?? event.mail.sentAt
        }
        domain.counters.complaints += tally.complaints
        defer { save(domain) }
        guard tally.bounces > 0, domain.outbound.status == .active, let reason = guillotine.verdict(on: domain.counters, late: period)
        else { return nil }
        domain.suspend(reason: reason, at: now)
        let notice = AccountNotice(.domainSuspended, domain: domain.name, explanation: "\(domain.name) was suspended: \(reason)")
        try announce(notice, to: domain.accountID)
        return Ingestion.Suspension(domain: domain.name, reason: reason)
    }
}
