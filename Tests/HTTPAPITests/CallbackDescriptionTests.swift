import JSON
import MailModel
import Testing

@testable import Callbacks
@testable import HTTPAPI

/// The callbacks are as `webhooks` of `/openapi.json` describes them.
@Suite
struct CallbackDescriptionTests {
    private static let time = Timestamp(milliseconds: 1_781_524_800_000)
    private static let delivery = CallbackDelivery(
        id: CallbackID(at: time), accountID: 1, eventID: CallbackID(at: time), emailID: EmailID(at: time), url: "https://hooks.example/a",
        status: .pending, attempts: [], nextAttemptAt: nil)

    private func email(fromName: String? = nil) throws -> Email {
        var email = Email(
            id: EmailID(at: Self.time), accountID: 1, userName: "acme", operatorName: "Ann", domainID: 1,
            sender: try EmailAddress("news@shop.example"), recipient: try EmailAddress("eva@reader.example"), status: .sent,
            externalID: nil, clientID: "7", createdAt: Self.time, updatedAt: Self.time,
            content: EmailContent(subject: "Offer", text: "New."))
        email.content.fromName = fromName
        return email
    }

    /// The members are also in the described order.
    private func check(_ body: [UInt8], _ component: Component, without absent: Set<String> = []) throws {
        let value = try JSONValue.parse(body)
        #expect(SchemaValidator.faults(of: value, against: component.reference) == [])
        #expect(value.objectValue?.names == component.schema.properties.map(\.name).filter { !absent.contains($0) })
    }

    @Test(arguments: EmailStatus.allCases.filter(\.causesCallbacks))
    func emailBody(status: EmailStatus) throws {
        let events = [
            CallbackEvent(name: status.rawValue, at: Self.time),
            CallbackEvent(
                name: status.rawValue, previousStatus: .sent, at: Self.time, explanation: "Because.",
                details: #"{"bounceType": "Permanent"}"#),
        ]
        for event in events {
            let named = try email(fromName: "News")
            try check(CallbackBody.make(Self.delivery, event, email: named, userName: "acme"), CallbackDescription.emailBody)
            let bare = CallbackBody.make(Self.delivery, event, email: try email(), userName: "acme")
            try check(bare, CallbackDescription.emailBody, without: ["fromName"])
        }
    }

    @Test(arguments: AccountNotice.Event.allCases.map(\.rawValue) + [CallbackEvent.ping])
    func accountBody(name: String) throws {
        let domain = try DomainName("shop.example")
        try check(
            CallbackBody.make(
                Self.delivery, CallbackEvent(name: name, at: Self.time, domain: domain, explanation: "Because."), email: nil,
                userName: "acme"),
            CallbackDescription.accountBody, without: ["details"])
        try check(
            CallbackBody.make(Self.delivery, CallbackEvent(name: name, at: Self.time), email: nil, userName: "acme"),
            CallbackDescription.accountBody, without: ["domain", "details"])
        let figures = CallbackEvent(name: name, at: Self.time, domain: domain, details: #"{"period":"day","level":80,"limit":10,"sent":8}"#)
        try check(CallbackBody.make(Self.delivery, figures, email: nil, userName: "acme"), CallbackDescription.accountBody)
    }

    @Test func headers() {
        let headers = StandardWebhook.headers(id: Self.delivery.id, at: Self.time, body: [], keys: [[1]])
        #expect(headers.map(\.name) == CallbackDescription.headers.map(\.name))
    }
}
