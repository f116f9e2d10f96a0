import JSON
import MailModel
import Testing

@testable import Callbacks

/// Events as Amazon SES publishes them, for endpoints of the kind `ses`.
struct SESEventBodyTests {
    private func body(
        _ status: EmailStatus, _ details: String? = nil, explanation: String? = nil, kind: CallbackEndpoint.Kind = .ses,
        isCopy: Bool = false
    ) throws -> (event: JSONObject?, email: Email, first: EmailID) {
        let time = Timestamp(milliseconds: 1_780_000_000_000)
        let (first, id) = (EmailID(at: time), EmailID(at: time))
        var content = EmailContent(subject: "Hällo \"x\"", text: "")
        content.tags = ["campaign=may", "campaign=june", "plain"]
        let email = Email(
            id: id, accountID: 1, userName: "acme", operatorName: "Ann", domainID: 1, sender: try EmailAddress("news@shop.example"),
            recipient: try EmailAddress("eva@reader.example"), status: status, externalID: nil, clientID: nil, createdAt: time,
            updatedAt: time,
            copyOf: isCopy ? CopyOrigin(id: first, kind: .cc) : nil, content: content)
        let event = CallbackEvent(name: status.rawValue, at: time, explanation: explanation, details: details)
        let bytes = SESEventBody.make(event, eventID: CallbackID(at: time), kind: kind, email: email)
        return (try bytes.map { try JSONValue.parse($0) }?.objectValue, email, first)
    }

    @Test(arguments: [
        (EmailStatus.sent, "Send", "send"), (.delivered, "Delivery", "delivery"), (.open, "Open", "open"), (.click, "Click", "click"),
        (.bounced, "Bounce", "bounce"), (.bouncedPermanent, "Bounce", "bounce"), (.complained, "Complaint", "complaint"),
        (.notSent, "Reject", "reject"), (.exhausted, "Reject", "reject"), (.incomplete, "Rendering Failure", "failure"),
    ])
    func `every status has its event`(_ status: EmailStatus, _ type: String, _ member: String) throws {
        let (event, email, _) = try body(status)
        #expect(event?["eventType"]?.stringValue == type)
        #expect(event?[member]?.objectValue != nil)
        let mail = event?["mail"]?.objectValue
        #expect(mail?["messageId"]?.stringValue == email.id.description)
        #expect(mail?["source"]?.stringValue == "news@shop.example")
        #expect(mail?["destination"]?.arrayValue == [.string("eva@reader.example")])
        #expect(mail?["tags"] == (try JSONValue.parse(#"{"campaign":["may","june"]}"#.utf8)))
        #expect(mail?["commonHeaders"]?.objectValue?["subject"]?.stringValue == "Hällo \"x\"")
    }

    @Test func `what SES said stands where SES says it`() throws {
        let details =
            #"{"bounceType":"Permanent","bounceSubType":"NoEmail","feedbackId":"f-1","reportingMTA":"dns; mx","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550"}"#
        let bounce = try body(.bouncedPermanent, details).event?["bounce"]?.objectValue
        #expect(bounce?["bounceSubType"]?.stringValue == "NoEmail")
        #expect(bounce?["feedbackId"]?.stringValue == "f-1")
        #expect(bounce?["status"] == nil)
        let recipients =
            #"[{"emailAddress":"eva@reader.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550"}]"#
        #expect(bounce?["bouncedRecipients"] == (try JSONValue.parse(recipients.utf8)))
    }

    /// Handlers read these without asking whether they are there.
    @Test func `what SES did not say has a value all the same`() throws {
        let soft = try body(.bounced).event?["bounce"]?.objectValue
        #expect(soft?["bounceType"]?.stringValue == "Transient")
        #expect(soft?["bounceSubType"]?.stringValue == "General")
        #expect(soft?["feedbackId"]?.stringValue?.isEmpty == false)
        #expect(soft?["timestamp"]?.stringValue != nil)
        #expect(try body(.notSent, explanation: "No").event?["reject"]?.objectValue?["reason"]?.stringValue == "No")
        #expect(try body(.incomplete, explanation: "x").event?["failure"]?.objectValue?["errorMessage"]?.stringValue == "x")
    }

    @Test func `a copy has the id of the first recipient's email`() throws {
        let (event, email, first) = try body(.delivered, isCopy: true)
        #expect(event?["mail"]?.objectValue?["messageId"]?.stringValue == first.description)
        #expect(first != email.id)
    }

    @Test func `other statuses, and other endpoints, have none`() throws {
        for status in [EmailStatus.queued, .dequeued, .blacklisted, .cancelled] { #expect(try body(status).event == nil) }
        #expect(try body(.delivered, kind: .martlet).event == nil)
        var endpoint = CallbackEndpoint(
            id: 1, accountID: 1, url: "https://a.example/", events: [], isActive: true, kind: .ses, createdAt: Timestamp(milliseconds: 0))
        #expect(endpoint.wants("DELIVERED"))
        #expect(!endpoint.wants("DEQUEUED"))
        #expect(!endpoint.wants("account.warning"))
        endpoint.kind = .martlet
        #expect(endpoint.wants("account.warning"))
    }
}
