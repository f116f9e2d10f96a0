import MIME
import MailModel
import Storage

/// A request to subscribe whose own values are valid; those of its message are validated by ``ValidatedEmail``.
struct ValidatedSubscription: Sendable {
    let address: EmailAddress
    let list: String
    let sender: EmailAddress
    /// The sender as the request has it, with a display name where there is one.
    private let from: String
    private let subject: String
    private let text: String

    /// The longest name of a list, in bytes of UTF-8.
    static let longestList = 128

    init(_ request: SubscriptionRequest) throws(Refusal) {
        address = try RequestField("email").address(request.email)
        sender = try RequestField("from").mailbox(request.from).address
        from = request.from
        list = try Self.list(request.list)
        subject = request.subject ?? ConfirmationWords.subject(in: request.language)
        text = request.text ?? ConfirmationWords.text(in: request.language, list: list, sender: sender)
        guard text.contains(ConfirmationWords.link) else {
            throw Refusal.invalid("text", "expected \(ConfirmationWords.link) where the link goes")
        }
        guard LinkPlaceholder(ConfirmationWords.link).standsAlone(in: text) else {
            throw Refusal.invalid(
                "text",
                "expected \(ConfirmationWords.link) by itself, between spaces or as the whole href of a link, and not within another URL")
        }
    }

    /// The request to send the message that asks for confirmation.
    func message(link: String) -> EmailRequest {
        EmailRequest(
            to: address.description, from: from, text: text.replacing(ConfirmationWords.link, with: link), subject: subject)
    }

    /// The account's subscription of this address and list; `nil` where there is none.
    ///
    /// The master acts for the account that owns the sender.
    func find(by principal: Principal, in tx: some ReadableTransaction) throws -> Subscription? {
        let accountID =
            try principal.accountID ?? tx.domains.find(named: sender.domain)?.accountID ?? tx.senders.find(sender)?.accountID
        return try accountID.flatMap { try tx.subscriptions.find(address, list: list, accountID: $0) }
    }

    /// The subscription to store when its link is mailed.
    ///
    /// - Parameter known: the account's subscription of this address and list; `nil` where there is none.
    func subscription(_ id: SubscriptionID, known: Subscription?, accountID: Int64, at now: Timestamp) -> Subscription {
        Subscription(
            id: id, accountID: accountID, list: list, address: address, sender: sender, createdAt: known?.createdAt ?? now, mailedAt: now)
    }

    /// Returns the name of a list: text in one line.
    static func list(_ name: String) throws(Refusal) -> String {
        let field = RequestField("list")
        try field.headerText(name, upTo: .max)
        guard (1...longestList).contains(name.utf8.count) else {
            throw field.refusal("expected 1 to \(longestList) bytes, found \(name.utf8.count)")
        }
        return name
    }
}
