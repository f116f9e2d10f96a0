import MailModel

/// A request to subscribe whose own values are valid; those of the message are for ``ValidatedEmail`` to judge.
struct ValidatedSubscription: Sendable {
    let address: EmailAddress
    let list: String
    let sender: EmailAddress
    private let subject: String
    private let text: String

    /// The longest name of a list, in bytes of UTF-8.
    static let longestList = 128

    init(_ request: SubscriptionRequest) throws(SubmissionRefusal) {
        address = try ValidatedEmail.address(request.email, in: "email")
        sender = try ValidatedEmail.address(request.from, in: "from")
        list = try Self.list(request.list)
        subject = request.subject ?? ConfirmationWords.subject(in: request.language)
        text = request.text ?? ConfirmationWords.text(in: request.language, list: list, sender: sender)
        guard text.contains(ConfirmationWords.link) else {
            throw SubmissionRefusal(.invalid, field: "text", "text: expected \(ConfirmationWords.link) where the link goes")
        }
    }

    func message(link: String) -> EmailRequest {
        EmailRequest(
            to: address.description, from: sender.description, text: text.replacing(ConfirmationWords.link, with: link), subject: subject)
    }

    func subscription(_ id: SubscriptionID, known: Subscription?, accountID: Int64, at now: Timestamp) -> Subscription {
        Subscription(
            id: id, accountID: accountID, list: list, address: address, sender: sender, createdAt: known?.createdAt ?? now, mailedAt: now)
    }

    /// The name of a list: text in one line.
    static func list(_ name: String) throws(SubmissionRefusal) -> String {
        do {
            try HeaderText.check(name, in: "list")
        } catch {
            throw SubmissionRefusal(.invalid, field: "list", error.description)
        }
        guard (1...longestList).contains(name.utf8.count) else {
            throw SubmissionRefusal(.invalid, field: "list", "list: expected 1 to \(longestList) bytes, found \(name.utf8.count)")
        }
        return name
    }
}
