import MailModel
import Storage

/// What an unsubscribe link leads to.
package enum UnsubscribeLinkStatus: Sendable, Equatable {
    /// The page that offers to unsubscribe, or to subscribe again.
    case invitation(UnsubscribeService.Invitation)
    /// The recipient has just subscribed again.
    case resubscribed(UnsubscribeService.Invitation)
    /// The link is too old.
    case expired
    /// The link was not made here, or its email does not exist any more.
    case unknown

    /// The status of an email's link.
    init(of id: EmailID, in tx: some ReadableTransaction) throws {
        guard let email = try tx.emails.find(id) else {
            self = .unknown
            return
        }
        // Whose address is not known any more cannot be put on a list.
        guard !email.recipient.isErased else {
            self = .expired
            return
        }
        func hasUnsubscribed(from sender: EmailAddress?) throws -> Bool {
            try tx.suppressions.find(email.recipient, sender: sender, accountID: email.accountID)?.entry.reason == .unsubscribe
        }
        let unsubscribed: SuppressionEntry.Scope? =
            try hasUnsubscribed(from: nil) ? .account : hasUnsubscribed(from: email.sender) ? .sender : nil
        self = .invitation(.init(sender: email.sender, recipient: email.recipient, unsubscribed: unsubscribed))
    }
}

/// Suppresses the recipient of an email in a transaction, at the recipient's own request.
struct Unsubscribe: Sendable {
    var emailID: EmailID
    /// Whether for the sender of the email, or for the whole account.
    var scope: SuppressionEntry.Scope

    /// - Returns: what the link leads to afterwards.
    func run(in tx: Transaction) throws -> UnsubscribeLinkStatus {
        if let email = try tx.emails.findForUpdate(emailID), !email.recipient.isErased {
            let entry = SuppressionEntry(
                address: email.recipient, sender: scope == .sender ? email.sender : nil, reason: .unsubscribe,
                note: "by the link of email \(email.id)")
            if try tx.suppressions.insert(entry, accountID: email.accountID, source: .link) {
                let origin = scope == .sender ? "from this sender" : "from all senders of the account"
                try tx.emails.recordEvent(
                    on: email.id,
                    TimelineEntry(status: "UNSUBSCRIBED", at: tx.now, explanation: "The recipient has unsubscribed \(origin)."),
                    status: nil, settles: false)
            }
        }
        return try UnsubscribeLinkStatus(of: emailID, in: tx)
    }
}

/// Deletes the suppressions that the recipient of an email made by a link, in a transaction.
struct Resubscribe: Sendable {
    var emailID: EmailID

    /// - Returns: what the link leads to afterwards.
    func run(in tx: Transaction) throws -> UnsubscribeLinkStatus {
        if let email = try tx.emails.findForUpdate(emailID), !email.recipient.isErased, try deleteUnsubscriptions(of: email, in: tx) {
            try tx.emails.recordEvent(
                on: email.id, TimelineEntry(status: "RESUBSCRIBED", at: tx.now, explanation: "The recipient has subscribed again."),
                status: nil, settles: false)
        }
        return try UnsubscribeLinkStatus(of: emailID, in: tx)
    }

    /// - Returns: whether there was one.
    private func deleteUnsubscriptions(of email: EmailState, in tx: Transaction) throws -> Bool {
        var hasChanged = false
        for sender in [email.sender, nil] {
            let found = try tx.suppressions.find(email.recipient, sender: sender, accountID: email.accountID)
            guard let found, found.entry.reason == .unsubscribe else { continue }
            hasChanged = try tx.suppressions.delete(found.id, of: email.accountID, reason: .unsubscribe) != nil || hasChanged
        }
        return hasChanged
    }
}
