import MailModel

extension Email {
    /// Returns a queued email of a domain's account from `a@` the domain to `b@customer.example`.
    ///
    /// - Parameters:
    ///   - time: when it was accepted.
    ///   - configure: changes the email before it is returned.
    static func test(of domain: SendingDomain, at time: Timestamp, configure: (inout Email) -> Void = { _ in }) -> Email {
        var email = Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@\(domain.name)"), recipient: EmailAddress(validated: "b@customer.example"),
            status: .queued, externalID: nil, clientID: nil, createdAt: time, updatedAt: time,
            content: EmailContent(subject: "s", text: "t"))
        configure(&email)
        return email
    }
}
