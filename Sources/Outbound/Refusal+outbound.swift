import MailModel

extension Refusal {
    static let unknownDomain = notFound("Domain")
    static let unknownSender = notFound("Sender")
    static let takenDomain = Refusal(.alreadyExists, "Domain already exists")
    static let takenSender = Refusal(.conflict, field: "email", "email: the address or its domain belongs to another account")
    static let tooManySenders = Refusal(
        .conflict, field: "email", "email: the account has \(SenderService.maximumPerAccount) senders, the most that are allowed")

    static func masterOnly(_ field: String) -> Refusal {
        Refusal(.forbidden, field: field, "Master token required to change \(field)")
    }
}
