import MailModel
import Storage

/// Takes a notice out of the outbox, and enqueues its email to each contact who wants it (specification 7.3).
///
/// The emails are the program's own (``MailModel/Account/systemReference``): they count for no customer, and no customer's block stops them.
///
/// To be run with the intent ``WriteIntent/accounts(_:)`` of its account: of two notices of one kind one sees the other's email.
struct MailNotice: Sendable {
    let stored: StoredNotice
    let settings: NoticeSettings

    /// Returns how many emails were enqueued.
    @discardableResult
    func run(in tx: Transaction) throws -> Int {
        guard try tx.accounts.findForUpdate(stored.accountID) != nil else { return 0 }
        let last = try tx.notices.lastMailed(like: stored)
        let emails =
            NoticeSchedule.mails(stored.at, last: last, now: tx.now) ? try settings.sender.map { try self.emails(from: $0, in: tx) } : nil
        guard try tx.notices.finish(stored, isMailed: emails?.isEmpty == false), let emails else { return 0 }
        for email in emails { try tx.emails.insert(email, dueAt: email.releaseAt) }
        return emails.count
    }

    /// The emails to all recipients, each once.
    private func emails(from sender: EmailAddress, in tx: Transaction) throws -> [Email] {
        let system = try tx.accounts.findOrInsert(reference: Account.systemReference)
        let contacts = try tx.noticeContacts.list(of: stored.accountID).filter {
            // The customer's own list speaks for the customer's contacts, and not for the operator's.
            try !tx.suppressions.isSuppressed($0.address, accountID: stored.accountID, sender: sender, ignoring: .unsubscribe)
        }
        var addressed: Set<String> = []
        return try (contacts + settings.operatorContacts).compactMap { contact in
            guard contact.wants(stored.notice.event), addressed.insert(contact.address.suppressionKey).inserted else { return nil }
            let email = email(to: contact, from: sender, of: system, at: tx.now)
            return try tx.suppressions.obstacle(to: email) == nil ? email : nil
        }
    }

    private func email(to contact: NoticeContact, from sender: EmailAddress, of system: Account, at now: Timestamp) -> Email {
        let mail = NoticeMail(stored, in: contact.language)
        var content = EmailContent(subject: mail.subject, text: mail.text)
        content.category = .transactional
        content.isPlainText = true
        return Email(
            id: EmailID(at: now), accountID: system.id, userName: system.reference, operatorName: "notices", domainID: nil, sender: sender,
            recipient: contact.address, status: .queued, externalID: nil, clientID: nil, createdAt: now, updatedAt: now, content: content)
    }
}
