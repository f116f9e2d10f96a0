import MailModel
import Storage
import Testing

@testable import Feedback

struct SESEventTests {
    struct Expectation: Sendable {
        let sample: String
        let status: String
        var changesStatus = true
        let details: String?
        var at: String?
    }

    static let expectations: [Expectation] = [
        Expectation(sample: Samples.send, status: "SENT", details: nil, at: "2016-10-14T05:02:16.645Z"),
        Expectation(
            sample: Samples.delivery, status: "DELIVERED",
            details:
                #"{"smtpResponse":"250 2.6.0 Message received","reportingMTA":"mta.example.com","remoteMtaIp":"192.0.2.0","processingTimeMillis":11893}"#,
            at: "2016-10-19T23:21:04.133Z"),
        Expectation(
            sample: Samples.bounce, status: "BOUNCED_PERMANENT",
            details:
                #"{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"0102015","reportingMTA":"dsn; mta.example.com","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}"#,
            at: "2017-08-05T00:41:02.669Z"),
        Expectation(
            sample: Samples.complaint, status: "COMPLAINED",
            details:
                #"{"complaintFeedbackType":"abuse","feedbackId":"01000157c44f053b","userAgent":"Amazon SES Mailbox Simulator","arrivalDate":"2017-08-05T00:41:02.669Z"}"#
        ),
        Expectation(sample: Samples.reject, status: "NOT_SENT", details: #"{"reason":"Bad content"}"#),
        Expectation(sample: Samples.open, status: "OPEN", details: #"{"ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0"}"#),
        Expectation(
            sample: Samples.click, status: "CLICK",
            details: #"{"link":"http://docs.aws.amazon.com/ses/","ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0"}"#),
        Expectation(
            sample: Samples.automated(Samples.open, "Likely"), status: "AUTOMATED_OPEN", changesStatus: false,
            details: #"{"ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0","isBotEvent":"Likely"}"#),
        Expectation(
            sample: Samples.automated(Samples.open, "Unlikely"), status: "OPEN",
            details: #"{"ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0","isBotEvent":"Unlikely"}"#),
        Expectation(
            sample: Samples.automated(Samples.click, "Likely"), status: "AUTOMATED_CLICK", changesStatus: false,
            details:
                #"{"link":"http://docs.aws.amazon.com/ses/","ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0","isBotEvent":"Likely"}"#),
        Expectation(
            sample: Samples.automated(Samples.click, "Unlikely"), status: "CLICK",
            details:
                #"{"link":"http://docs.aws.amazon.com/ses/","ipAddress":"192.0.2.1","userAgent":"Mozilla/5.0","isBotEvent":"Unlikely"}"#),
        Expectation(
            sample: Samples.renderingFailure, status: "NOT_SENT",
            details:
                #"{"templateName":"MyTemplate","errorMessage":"Attribute 'attributeName' is not present in the rendering data."}"#),
        Expectation(
            sample: Samples.deliveryDelay, status: "DELIVERY_DELAY", changesStatus: false,
            details:
                #"{"delayType":"TransientCommunicationFailure","expirationTime":"2020-06-16T00:25:40.914Z","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote host"}"#
        ),
        Expectation(
            sample: Samples.subscription, status: "SUBSCRIPTION", changesStatus: false,
            details: #"{"contactList":"ContactListName","source":"UnsubscribeHeader"}"#),
    ]

    @Test(arguments: expectations)
    func `each type of event is read as the guide documents it`(expectation: Expectation) throws {
        let event = try SESEvent(parsing: Array(expectation.sample.utf8))
        let effect = event.effect(by: FeedbackRules())
        let entry = effect.timelineEntry(for: try EmailAddress("recipient@example.com"), now: Timestamp(milliseconds: 0))
        #expect(entry.status == expectation.status)
        #expect(entry.details == expectation.details)
        #expect(effect.status?.rawValue == (expectation.changesStatus ? expectation.status : nil))
        if let at = expectation.at { #expect(entry.at.description == at) }
        #expect(event.mail.source?.description == "sender@example.com")
        #expect(event.mail.messageID == "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000")
    }

    @Test
    func `identity feedback has the same objects in another frame`() throws {
        let bounce = try SESEvent(parsing: Array(Samples.bounceNotification.utf8))
        #expect(bounce.kind == .bounce(Bounce(type: "Permanent", subType: "General")))
        #expect(bounce.recipients.compactMap(\.address?.description) == ["jane@example.com"])
        #expect(bounce.mail.destinations.count == 3)
        let effect = bounce.effect(by: FeedbackRules())
        #expect(effect.concerns(try EmailAddress("JANE@example.com")))
        #expect(!effect.concerns(try EmailAddress("mary@example.com")))
        let delivery = try SESEvent(parsing: Array(Samples.deliveryNotification.utf8))
        #expect(delivery.kind == .delivery)
        let complaint = try SESEvent(parsing: Array(Samples.complaintNotification.utf8))
        #expect(complaint.kind == .complaint(Complaint(feedbackType: "abuse", subType: nil)))
    }

    @Test(arguments: [
        #""tags":{"martlet-id":["0192f0c1-0000-7000-8000-000000000001"]}"#,
        #""tags":{"martlet-id":"0192f0c1-0000-7000-8000-000000000001"}"#,
        #""headers":[{"name":"From","value":"x"},{"name":"x-MARTLET-id","value":"0192F0C1-0000-7000-8000-000000000001"}]"#,
        #""tags":{"martlet-id":["nonsense"]},"headers":[{"name":"X-Martlet-Id","value":"0192f0c1-0000-7000-8000-000000000001"}]"#,
    ])
    func `our id comes as a tag or as a header`(member: String) throws {
        let event = try SESEvent(parsing: Array(#"{"eventType":"Send","mail":{\#(member)}}"#.utf8))
        #expect(event.mail.claimedID == EmailID("0192f0c1-0000-7000-8000-000000000001"))
    }

    @Test(arguments: [
        (#"{"notificationType":"Received","mail":{}}"#, "Received"), (#"{"eventType":"FutureThing"}"#, "FutureThing"), ("{}", "unknown"),
        (#"{"eventType":7,"mail":[]}"#, "unknown"),
    ])
    func `an unknown type is no error`(text: String, type: String) throws {
        let event = try SESEvent(parsing: Array(text.utf8))
        #expect(event.kind == .other)
        #expect(event.type == type)
    }

    @Test(arguments: ["", "Successfully validated SNS topic", "[]", "null", "{", #""Bounce""#])
    func `anything but a JSON object is no event`(text: String) {
        #expect(throws: SESEvent.Malformed.self) { try SESEvent(parsing: Array(text.utf8)) }
    }

    @Test
    func `too many recipients and too long texts are cut off`() throws {
        let recipients = (0..<5000).map { #"{"emailAddress":"r\#($0)@example.com"}"# }.joined(separator: ",")
        let text =
            #"{"eventType":"Bounce","bounce":{"bouncedRecipients":[\#(recipients)],"feedbackId":"\#(String(repeating: "é", count: 9000))\u0000"}}"#
        let event = try SESEvent(parsing: Array(text.utf8))
        #expect(event.recipients.count == 1000)
        let recipient = try EmailAddress("r0@example.com")
        let entry = event.effect(by: FeedbackRules()).timelineEntry(for: recipient, now: Timestamp(milliseconds: 0))
        #expect(entry.details == #"{"feedbackId":"\#(String(repeating: "é", count: 1000))"}"#)
        #expect(throws: SESEvent.Malformed.self) { try SESEvent(parsing: Array(repeating: 0x20, count: SESEvent.maximumBytes + 1)) }
    }

    @Test
    func `names before addresses, missing times and repeated recipients are accepted`() throws {
        let text = """
            {"eventType":"Bounce","mail":{"source":"\\"Doe, Jane\\" <jane@Example.com>","timestamp":"2018-10-08T14:05:45 +0000"},
            "bounce":{"timestamp":"yesterday","bouncedRecipients":[{"emailAddress":"a@x.example"},{"emailAddress":"A@x.example"},
            {"emailAddress":"not an address"},{"status":"5.0.0"}]}}
            """
        let event = try SESEvent(parsing: Array(text.utf8))
        #expect(event.mail.source?.description == "jane@example.com")
        #expect(event.at?.description == "2018-10-08T14:05:45.000Z")
        #expect(event.recipients.map(\.address?.description) == ["a@x.example", nil])
    }

    struct Oddity: Sendable {
        let name: String
        /// Members of `mail` beside the message's id.
        var mail = #""source":"sender@example.com","destination":["r@x.example"]"#
        /// Members of `bounce` beside its recipients.
        var bounce = #""bounceType":"Permanent""#
        var recipients = #"[{"emailAddress":"r@x.example"}]"#
        var type = #""eventType":"Bounce""#
        var suppressed = ["r@x.example"]
        var at: String?
    }

    static let oddities: [Oddity] = [
        Oddity(
            name: "lone surrogate",
            mail: #""source":"sender@example.com","destination":["r@x.example"],"commonHeaders":{"subject":"\ud83d"}"#),
        Oddity(
            name: "control character",
            mail: "\"source\":\"sender@example.com\",\"destination\":[\"r@x.example\"],\"subject\":\"a\u{0}\t\u{1}\""),
        Oddity(name: "unknown escape", bounce: #""bounceType":"Permanent","reportingMTA":"dns; \mta""#),
        Oddity(name: "repeated member", bounce: #""bounceType":"Transient","bounceType":"Permanent""#),
        Oddity(
            name: "diagnostic code of a megabyte",
            recipients: #"[{"emailAddress":"r@x.example","diagnosticCode":"\#(String(repeating: "é", count: 1 << 19))"}]"#),
        Oddity(
            name: "deep nesting",
            mail:
                #""source":"sender@example.com","destination":["r@x.example"],"x":\#(String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000))"#
        ),
        Oddity(name: "type in another case", bounce: #""bounceType":"PERMANENT""#, type: #""notificationType":"bounce""#),
        Oddity(name: "number for a text", bounce: #""bounceType":"Permanent","feedbackId":17,"processingTimeMillis":"546""#),
        Oddity(name: "name before the address", recipients: #"[{"emailAddress":"=?UTF-8?Q?J=C3=B6rg?= <r@x.example> "}]"#),
        Oddity(name: "blanks around", recipients: #"[{"emailAddress":"\u00a0 r@x.example\n"}]"#),
        Oddity(name: "no list", recipients: #"{"emailAddress":"r@x.example"}"#),
        Oddity(name: "a text for an object", recipients: #""r@x.example""#),
        Oddity(name: "no recipients", recipients: "[]"), Oddity(name: "null recipients", recipients: "null"),
        Oddity(name: "recipients without address", recipients: #"[{"status":"5.1.1"},null,7]"#),
        Oddity(
            name: "international domain", recipients: #"[{"emailAddress":"r@bücher.example"}]"#,
            suppressed: ["r@xn--bcher-kva.example", "r@x.example"]),
        Oddity(name: "international local part", recipients: #"[{"emailAddress":"jörg@x.example"}]"#, suppressed: ["r@x.example"]),
        Oddity(name: "seconds", bounce: #""bounceType":"Permanent","timestamp":1539007545"#, at: "2018-10-08T14:05:45.000Z"),
        Oddity(name: "milliseconds", bounce: #""bounceType":"Permanent","timestamp":"1539007545000""#, at: "2018-10-08T14:05:45.000Z"),
        Oddity(
            name: "old time", bounce: #""bounceType":"Permanent","timestamp":"2018-10-08T14:05:45 +0000""#, at: "2018-10-08T14:05:45.000Z"),
        Oddity(name: "no time", bounce: #""bounceType":"Permanent","timestamp":{}"#),
    ]

    @Test(arguments: oddities)
    func `a fault in a part costs that part alone`(oddity: Oddity) throws {
        let text = """
            {\(oddity.type),"mail":{"messageId":"m",\(oddity.mail)},"bounce":{\(oddity.bounce),"bouncedRecipients":\(oddity.recipients)}}
            """
        let recipient = EmailAddress(validated: "r@x.example")
        let event = try SESEvent(parsing: Array(text.utf8)).about(recipient)
        let tally = event.tally(by: FeedbackRules())
        #expect(tally.bounces == 1, "\(oddity.name)")
        #expect(tally.suppressed.map(\.description) == oddity.suppressed, "\(oddity.name)")
        #expect(event.mail.messageID == "m" && event.mail.source?.description == "sender@example.com")
        let effect = event.effect(by: FeedbackRules())
        #expect(effect.concerns(recipient) && effect.status == .bouncedPermanent)
        #expect(event.at?.description == oddity.at)
    }

    @Test(
        arguments: [
            (#""Jörg <jörg@Shop.example>""#, nil, "shop.example"), (#""a..b@shop.example""#, nil, "shop.example"),
            (#""Jane <jane@shop.example>""#, "jane@shop.example", "shop.example"), (#""nobody""#, nil, nil), ("null", nil, nil),
            ("[]", nil, nil),
            (#""<>""#, nil, nil), (#""a@b@""#, nil, nil),
        ] as [(String, String?, String?)])
    func `the domain is read also of an unreadable source`(source: String, address: String?, domain: String?) throws {
        let event = try SESEvent(parsing: Array(#"{"eventType":"Bounce","mail":{"source":\#(source)},"bounce":{}}"#.utf8))
        #expect(event.mail.source?.description == address)
        #expect(event.mail.sourceDomain?.description == domain)
    }
}
