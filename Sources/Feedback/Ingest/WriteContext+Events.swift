package import MailModel
package import Storage

extension WriteContext {
    /// Applies the events that came for a message before SES's id of it was known here: to the email's timeline and status.
    /// Counters and suppressions had their share when the events came.
    ///
    /// To be called in the transaction that records the id.
    package func applyWaitingEvents(messageID: String, to id: EmailID, rules: FeedbackRules) throws {
        for payload in try takeUnmatchedEvents(messageID: messageID) {
            guard let event = try? SESEvent(parsing: Array(payload.utf8)), let email = try emailState(id) else { continue }
            let resolved = event.about(email.recipient)
            try record(resolved, on: email, rules: rules)
            // An address that could not be read when the event came is known now.
            let tally = resolved.tally(by: rules)
            guard event.tally(by: rules).suppressed != tally.suppressed else { continue }
            try suppress(tally, accountID: email.accountID)
        }
    }

    /// Suppresses the addresses that an event says must not be mailed again.
    func suppress(_ tally: SESEvent.Tally, accountID: Int64) throws {
        for address in tally.suppressed {
            try suppress(address, accountID: accountID, reason: tally.reason, note: nil)
        }
    }

    /// The email that an event is about; `nil` when it is none of ours, or its id at SES is not known yet.
    ///
    /// SES's own id is believed. The id in a tag or header is only when the email has the sender's domain, as far as that can be read:
    /// whoever sends through the same SES account can write any id there.
    func email(of mail: SESEvent.Mail, rules: FeedbackRules) throws -> EmailState? {
        if let messageID = mail.messageID, let id = try emailID(sesMessageID: messageID) {
            return try emailState(id)
        }
        guard let id = mail.claimedID, let email = try emailState(id), email.sender.domain == mail.sourceDomain ?? email.sender.domain
        else { return nil }
        if let messageID = mail.messageID {
            try recordSESMessage(messageID, of: id)
            try applyWaitingEvents(messageID: messageID, to: id, rules: rules)
        }
        return email
    }

    /// Writes an event into an email's timeline and moves its status, if it happened to the email's recipient.
    func record(_ event: SESEvent, on email: EmailState, rules: FeedbackRules) throws {
        guard event.concerns(email.recipient) else { return }
        let entry = event.timelineEntry(for: email.recipient, now: now)
        // Whatever SES says of a message, it has it: there is nothing left to send.
        try recordEvent(on: email.id, entry, status: event.status, settles: true)
        try judgeSoftBounces(after: event, of: email, rules: rules)
    }

    /// The account that an event counts for: that of the email, or of the domain, or of the single sender.
    func accountID(of mail: SESEvent.Mail, email: EmailState?, domain: SendingDomain?) throws -> Int64? {
        try email?.accountID ?? domain?.accountID ?? mail.source.flatMap { try sender($0) }?.accountID
    }

    /// The domain that an event counts for: that of the sender's address, or the nearest known one above it.
    ///
    /// - Parameter email: its own domain is taken where it fits, also when that was deleted and the name has another owner now. One that was
    ///   charged to no domain counts for none.
    func domain(of mail: SESEvent.Mail, email: EmailState?) throws -> SendingDomain? {
        if let email {
            guard let domainID = email.domainID else { return nil }
            if let domain = try domain(domainID), mail.sourceDomain?.isWithin(domain.name) ?? true { return domain }
        }
        var name = mail.sourceDomain
        while let candidate = name {
            if let domain = try domain(named: candidate) { return domain }
            name = candidate.parent
        }
        return nil
    }
}
