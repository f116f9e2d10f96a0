import JSON
package import MailModel

extension Emails where Tx == Transaction {
    /// Applies an event of SES to the email that it is about: to its timeline and status, to the soft bounces in a row of its recipient,
    /// and to the suppression list where the recipient was needed for that.
    ///
    /// Does nothing where there is no such email.
    package func apply(_ effect: EventEffect, to id: EmailID) throws {
        guard let email = try findForUpdate(id) else { return }
        if effect.concerns(email.recipient) {
            let entry = effect.timelineEntry(for: email.recipient, now: tx.now)
            // Whatever SES reports of a message, it has it: there is nothing left to send, but for a retry after a soft bounce.
            let waitsForRetry = email.status == .bounced && email.work == .ready
            let isOutcome = effect.status.map { $0.rank > EmailStatus.bounced.rank } ?? false
            try recordEvent(on: id, entry, status: effect.status, settles: isOutcome || !waitsForRetry)
            guard !email.recipient.isErased else { return }
            if let evidence = effect.mailbox { try judgeMailbox(of: email, by: evidence) }
            // Where an attempt was due or under way before the event, it is not known which message came back.
            if let rule = effect.retry, email.dueAt == nil { try retry(id, by: rule) }
        }
        if let suppression = effect.suppression, !email.recipient.isErased { try apply(suppression, to: email) }
    }

    private func apply(_ suppression: EventEffect.LateSuppression, to email: EmailState) throws {
        let isNew = !suppression.others.contains { $0.suppressionKey == email.recipient.suppressionKey }
        guard isNew, !email.recipient.isOfAnySimulator else { return }
        for address in suppression.others + [email.recipient] {
            try tx.suppressions.insert(address, accountID: email.accountID, reason: suppression.reason, note: nil)
        }
    }

    /// Suppresses the recipient after so many soft bounces in a row, or removes that suppression where there are fewer.
    ///
    /// It is judged by the statuses of the latest emails to the address, not by the event that came last: events come in any order, and every
    /// order has to end in the same state.
    private func judgeMailbox(of email: EmailState, by evidence: EventEffect.MailboxEvidence) throws {
        guard !email.recipient.isOfAnySimulator else { return }
        if !evidence.isSoftBounce {
            let known = try tx.suppressions.find(email.recipient, sender: nil, accountID: email.accountID)
            guard known?.entry.reason == .softBounce else { return }
        }
        let latest = try latestOutcomes(
            to: email.recipient, accountID: email.accountID, since: tx.now - EventEffect.MailboxEvidence.window, limit: evidence.limit)
        if try latest.count == evidence.limit && latest.allSatisfy({ try $0.status == .bounced && wasSoft($0.id) }) {
            let note = "\(evidence.limit) soft bounces in a row"
            try tx.suppressions.insert(email.recipient, accountID: email.accountID, reason: .softBounce, note: note)
        } else {
            try tx.suppressions.deleteSoftBounce(of: email.recipient, accountID: email.accountID)
        }
    }

    private func wasSoft(_ id: EmailID) throws -> Bool {
        try tx.timeline.details(of: .bounced, on: id).contains { text in
            let words = try? JSONValue.parse(text.utf8).objectValue
            return Bounce(type: words?["bounceType"]?.stringValue, subType: words?["bounceSubType"]?.stringValue).concernsMailbox
        }
    }
}
