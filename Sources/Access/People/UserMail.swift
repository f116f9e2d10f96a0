import MailModel
import Storage

/// The emails to people: the links of invitations and resets.
///
/// They are the program's own (``MailModel/Account/systemReference``): they count for no customer, and no customer's block stops them.
struct UserMail: Sendable {
    let user: User
    let kind: UserLink.Kind
    /// The address of the page.
    let link: String

    /// Enqueues the email.
    func enqueue(from sender: EmailAddress, in tx: Transaction) throws {
        let system = try tx.accounts.findOrInsert(reference: Account.systemReference)
        var content = EmailContent(subject: subject, text: text)
        content.category = .transactional
        content.isPlainText = true
        let email = Email(
            id: EmailID(at: tx.now), accountID: system.id, userName: system.reference, operatorName: "people", domainID: nil,
            sender: sender,
            recipient: user.address, status: .queued, externalID: nil, clientID: nil, createdAt: tx.now, updatedAt: tx.now, content: content
        )
        try tx.emails.insert(email, dueAt: email.releaseAt)
    }

    private var place: String { user.account.map { "the account \($0.reference)" } ?? "the operator's dashboard" }

    private var subject: String {
        switch kind {
        case .invitation: "You are invited to \(place)"
        case .reset: "A new password for \(place)"
        }
    }

    private var text: String {
        let reason =
            switch kind {
            case .invitation: "You were invited to sign in to \(place) as \(user.role.name). Choose a password here:"
            case .reset: "Somebody asked for a new password for you. Choose it here:"
            }
        return """
            Hello \(user.name),

            \(reason)

            \(link)

            The link works once, within 24 hours. If you did not expect this message, ignore it: nothing changes.
            """
    }
}
