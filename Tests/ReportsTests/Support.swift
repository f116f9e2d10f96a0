import Feedback
import Logging
import MailModel
import Storage

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

extension Store {
    /// Makes an email as the submission does.
    func makeEmail(of domain: SendingDomain, change: @escaping @Sendable (inout Email) -> Void = { _ in }) async throws -> Email {
        try await write { tx in
            var email = Email(
                id: EmailID(at: tx.now), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                sender: EmailAddress(validated: "news@\(domain.name)"), recipient: EmailAddress(validated: "r@example.org"),
                status: .queued, externalID: nil, clientID: nil, createdAt: tx.now, updatedAt: tx.now,
                content: EmailContent(subject: "Hello", text: "Hello"))
            change(&email)
            try tx.emails.insert(email, dueAt: email.status == .queued ? tx.now : nil)
            try tx.sesMessages.insert("m-\(email.id)", of: email.id)
            return email
        }
    }
}

/// SES's word on an email.
func event(_ type: String, _ words: String = "", on email: Email, at: Timestamp) -> [UInt8] {
    let key = type == "DeliveryDelay" ? "deliveryDelay" : type.lowercased()
    return Array(
        """
        {"eventType":"\(type)","mail":{"messageId":"m-\(email.id)","source":"\(email.sender)","destination":["\(email.recipient)"]},
        "\(key)":{"timestamp":"\(at)"\(words.isEmpty ? "" : ",\(words)")}}
        """.utf8)
}
