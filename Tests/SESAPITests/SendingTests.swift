import Access
import Encoding
import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import SESAPI

@Suite(.timeLimit(.minutes(1)))
struct SendingTests {
    private static let simple = [
        ("Source", "Shop <news@shop.example>"), ("Destination.ToAddresses.member.1", "eva@reader.example"),
        ("Message.Subject.Data", "Hällo"), ("Message.Body.Text.Data", "Hi"), ("Message.Body.Html.Data", "<p>Hi</p>"),
    ]

    private static let json =
        #"{"FromEmailAddress": "news@shop.example", "Destination": {"ToAddresses": ["eva@reader.example"]}, "Content": {"Simple": {"Subject": {"Data": "Hallo"}, "Body": {"Text": {"Data": "Hi"}}}}}"#

    @Test func `version 1 sends`() async throws {
        try await withSES { ses in
            _ = try await ses.store.makeDomain("shop.example")
            let key = try await ses.makeKey(scopes: [.send])
            let answer = try await ses.query(
                "SendEmail",
                Self.simple + [
                    ("Destination.CcAddresses.member.1", "cc@reader.example"), ("Destination.BccAddresses.member.1", "bcc@reader.example"),
                    ("ReplyToAddresses.member.1", "Help <help@shop.example>"), ("Tags.member.1.Name", "campaign"),
                    ("Tags.member.1.Value", "may"),
                    ("ConfigurationSetName", "unknown"), ("ReturnPath", "bounces@shop.example"),
                ], with: key)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers[.contentType] == "text/xml")
            #expect(
                answer.text.hasPrefix(#"<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult><MessageId>"#))
            #expect(answer.element("RequestId") == answer.requestID)
            #expect(answer.requestID?.isEmpty == false)
            let emails = try await ses.emails()
            #expect(Set(emails.keys) == ["eva", "cc", "bcc"])
            let first = try #require(emails["eva"])
            #expect(answer.element("MessageId") == first.id.description)
            #expect(emails.values.allSatisfy { $0.contentID == first.id && $0.operatorName == "Ann" })
            #expect(first.content.subject == "Hällo")
            #expect(first.content.tags == ["campaign=may"])
        }
    }

    @Test func `version 2 sends`() async throws {
        try await withSES { ses in
            _ = try await ses.store.makeDomain("shop.example")
            let key = try await ses.makeKey(scopes: [.send])
            let answer = try await ses.rest(
                .post, "/outbound-emails",
                #"""
                {"FromEmailAddress": "\"Shop, The\" <news@shop.example>", "ConfigurationSetName": "x", "ReplyToAddresses": ["help@shop.example"],
                 "Destination": {"ToAddresses": ["eva@reader.example"], "CcAddresses": null},
                 "EmailTags": [{"Name": "campaign", "Value": "may"}], "FeedbackForwardingEmailAddress": "x@shop.example",
                 "Content": {"Simple": {"Subject": {"Data": "Hällo", "Charset": "UTF-8"}, "Body": {"Html": {"Data": "<p>Hi</p>"}},
                   "Headers": [{"Name": "X-Order", "Value": "7"}],
                   "Attachments": [{"RawContent": "SGk=", "FileName": "a.txt", "ContentType": "text/plain"}]}}}
                """#, with: key)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.requestID?.isEmpty == false)
            let email = try #require(try await ses.emails()["eva"])
            #expect(answer.object["MessageId"]?.stringValue == email.id.description)
            #expect(email.content.tags == ["campaign=may"])
        }
    }

    /// Both versions take a message as it is; a sender that is given replaces the header's.
    @Test(arguments: [nil, "Other <other@shop.example>"]) func `raw messages`(_ sender: String?) async throws {
        try await withSES { ses in
            _ = try await ses.store.makeDomain("shop.example")
            let key = try await ses.makeKey()
            let message =
                "From: news@shop.example\nTo: Eva <eva@reader.example>\nBcc: bob@reader.example\nSubject: Raw\nX-SES-MESSAGE-TAGS: a=1, b=2\n\nHi\n"
            let data = Base64.encode(Array(message.utf8))
            let first = try await ses.query(
                "SendRawEmail", [("RawMessage.Data", data)] + (sender.map { [("Source", $0)] } ?? []), with: key)
            #expect(first.status == 200, "\(first.text)")
            let json = sender.map { #""FromEmailAddress": "\#($0)", "# } ?? ""
            let second = try await ses.rest(
                .post, "/outbound-emails",
                #"{\#(json)"Destination": {"ToAddresses": ["Ann <ann@reader.example>"]}, "Content": {"Raw": {"Data": "\#(data)"}}}"#,
                with: key)
            #expect(second.status == 200, "\(second.text)")
            let emails = try await ses.emails()
            #expect(Set(emails.keys) == ["eva", "bob", "ann"])
            let expected = sender == nil ? "news@shop.example" : "other@shop.example"
            #expect(emails.values.allSatisfy { $0.sender.description == expected })
            #expect(emails["eva"]?.content.tags == ["a=1", "b=2"])
            #expect(first.element("MessageId") == emails["eva"]?.id.description)
        }
    }

    @Test func `templates by name`() async throws {
        try await withSES { ses in
            _ = try await ses.store.makeDomain("shop.example")
            let key = try await ses.makeKey()
            let account = try #require(try await ses.store.read { try $0.accounts.find(reference: "acme") })
            try await ses.store.write { tx in
                let template = EmailTemplate(
                    name: "welcome", subject: "Hi {{name}}", text: "Code {{code}}", html: nil, createdAt: tx.now, updatedAt: tx.now)
                _ = try tx.templates.insert(template, accountID: account.id)
            }
            let common = [("Source", "news@shop.example"), ("Destination.ToAddresses.member.1", "eva@reader.example")]
            let single = try await ses.query(
                "SendTemplatedEmail", common + [("Template", "welcome"), ("TemplateData", #"{"name": "Eva", "code": 7}"#)], with: key)
            #expect(single.status == 200, "\(single.text)")
            let unknown = try await ses.query(
                "SendTemplatedEmail", common + [("Template", "other"), ("TemplateData", "{}")], with: key)
            #expect(unknown.status == 400)
            #expect(unknown.code == "TemplateDoesNotExist")
            let bulk = try await ses.query(
                "SendBulkTemplatedEmail",
                [
                    ("Source", "news@shop.example"), ("Template", "welcome"), ("DefaultTemplateData", #"{"code": "0"}"#),
                    ("DefaultTags.member.1.Name", "a"), ("DefaultTags.member.1.Value", "1"),
                    ("Destinations.member.1.Destination.ToAddresses.member.1", "one@reader.example"),
                    ("Destinations.member.1.ReplacementTemplateData", #"{"name": "One"}"#),
                    ("Destinations.member.1.ReplacementTags.member.1.Name", "a"),
                    ("Destinations.member.1.ReplacementTags.member.1.Value", "2"),
                    ("Destinations.member.2.Destination.ToAddresses.member.1", "not an address"),
                    ("Destinations.member.3.Destination.ToAddresses.member.1", "three@reader.example"),
                    ("Destinations.member.3.ReplacementTemplateData", #"{"name": {"first": "Three"}}"#),
                    ("Destinations.member.4.Destination.ToAddresses.member.1", "four@reader.example"),
                    ("Destinations.member.4.ReplacementTemplateData", #"{"name": "Four"}"#),
                ], with: key)
            #expect(bulk.status == 200, "\(bulk.text)")
            let statuses = bulk.text.matches(of: /<member><Status>(\w+)<\/Status>/).map { String($0.1) }
            #expect(statuses == ["Success", "InvalidParameterValue", "InvalidParameterValue", "Success"])
            let rest = try await ses.rest(
                .post, "/outbound-bulk-emails",
                #"""
                {"FromEmailAddress": "news@shop.example", "DefaultContent": {"Template": {"TemplateName": "welcome", "TemplateData": "{\"code\": 1}"}},
                 "DefaultEmailTags": [{"Name": "a", "Value": "1"}],
                 "BulkEmailEntries": [
                   {"Destination": {"ToAddresses": ["five@reader.example"]},
                    "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": "{\"name\": \"Five\"}"}}},
                   {"Destination": {"ToAddresses": ["bad"]}}]}
                """#, with: key)
            #expect(rest.status == 200, "\(rest.text)")
            let results = rest.object["BulkEmailEntryResults"]?.arrayValue?.compactMap { $0.objectValue?["Status"]?.stringValue }
            #expect(results == ["SUCCESS", "INVALID_PARAMETER"])
            let emails = try await ses.emails()
            #expect(emails.mapValues(\.content.subject) == ["eva": "Hi Eva", "one": "Hi One", "four": "Hi Four", "five": "Hi Five"])
            #expect(emails["one"]?.content.tags == ["a=2"])
            #expect(emails["four"]?.content.tags == ["a=1"])
        }
    }

    @Test func `refusals in SES's words`() async throws {
        try await withSES { ses in
            let domain = try await ses.store.makeDomain("shop.example") { $0.outbound.dailyLimit = 1 }
            _ = try await ses.store.makeDomain("other.example", account: "other")
            let key = try await ses.makeKey()
            func both(_ change: (String) -> String = { $0 }) async throws -> (SESAnswer, SESAnswer) {
                let parameters = Self.simple.map { ($0.0, $0.0 == "Source" ? change($0.1) : $0.1) }
                let first = try await ses.query("SendEmail", parameters, with: key)
                let second = try await ses.rest(.post, "/outbound-emails", change(Self.json), with: key)
                return (first, second)
            }
            for name in ["unknown.example", "other.example"] {
                let (first, second) = try await both { $0.replacing("shop.example", with: name) }
                #expect(first.code == "MessageRejected")
                #expect(first.status == 400)
                #expect(second.code == "MessageRejected")
                #expect(second.status == 400)
                #expect(second.message?.contains("The following identities failed the check in region EU-WEST-1: news@\(name)") == true)
            }
            #expect(try await ses.emails().isEmpty)
            #expect(try await ses.query("SendEmail", Self.simple, with: key).status == 200)
            let (first, second) = try await both()
            #expect(first.code == "Throttling")
            #expect(first.status == 400)
            #expect(first.message?.hasPrefix("Daily message quota exceeded.") == true)
            #expect(second.code == "LimitExceededException")
            #expect(second.status == 429)
            #expect(second.headers[.retryAfter] != nil)
            #expect(try await ses.emails().count == 1)
            try await ses.store.write { tx in
                guard var domain = try tx.domains.find(domain.id) else { return }
                domain.suspend(reason: "tests", at: tx.now)
                tx.domains.update(domain)
            }
            let (third, fourth) = try await both()
            #expect(third.code == "AccountSendingPausedException")
            #expect(fourth.code == "SendingPausedException")
            #expect([third.status, fourth.status] == [400, 400])
        }
    }

    @Test(
        arguments: [
            ("SendEmail", [("Source", "news@shop.example")], "ValidationError"),
            ("SendEmail", simple.filter { $0.0 != "Destination.ToAddresses.member.1" }, "InvalidParameterCombination"),
            ("SendEmail", simple.map { ($0.0, $0.0.hasPrefix("Destination") ? "nobody" : $0.1) }, "InvalidParameterValue"),
            ("SendEmail", simple + [("Tags.member.1.Name", "a b"), ("Tags.member.1.Value", "1")], "InvalidParameterValue"),
            ("SendRawEmail", [("RawMessage.Data", "***")], "InvalidParameterValue"),
            ("SendRawEmail", [], "ValidationError"),
            ("SendTemplatedEmail", simple + [("Template", "x"), ("TemplateData", "[1]")], "InvalidParameterValue"),
            ("SendTemplatedEmail", simple + [("Template", "x"), ("TemplateArn", "arn")], "InvalidParameterCombination"),
            ("SendBulkTemplatedEmail", [("Source", "a@shop.example"), ("Template", "x")], "InvalidParameterValue"),
            ("SendCustomVerificationEmail", [], "InvalidAction"),
            ("", [], "ValidationError"),
        ] as [(String, [(String, String)], String)])
    func `what version 1 does not take`(_ action: String, _ parameters: [(String, String)], _ code: String) async throws {
        try await withSES { ses in
            _ = try await ses.store.makeDomain("shop.example")
            let answer = try await ses.query(action, parameters, with: try await ses.makeKey())
            #expect(answer.code == code, "\(answer.text)")
            #expect(answer.status == 400)
            #expect(answer.element("Type") == "Sender")
            #expect(try await ses.emails().isEmpty)
        }
    }

    @Test(arguments: [
        ("{}", "Content"), (#"{"Content": {}}"#, "fromEmailAddress"), (#"{"Content": 7}"#, "Content: expected an object"),
        (#"{"Content": {"Raw": {}}}"#, "Content.Raw.Data"), ("[]", "object"), ("{", "JSON"),
        (
            #"{"FromEmailAddress": "a@shop.example", "Destination": {"ToAddresses": "x"}, "Content": {"Simple": {}}}"#,
            "Destination.ToAddresses"
        ),
        (
            #"{"FromEmailAddress": "a@shop.example", "Content": {"Simple": {}}, "ListManagementOptions": {"ContactListName": "x"}}"#,
            "ListManagementOptions is not supported"
        ),
    ])
    func `what version 2 does not take`(_ body: String, _ part: String) async throws {
        try await withSES { ses in
            let answer = try await ses.rest(.post, "/outbound-emails", body, with: try await ses.makeKey())
            #expect(answer.code == "BadRequestException", "\(answer.text)")
            #expect(answer.status == 400)
            #expect(answer.message?.lowercased().contains(part.lowercased()) == true, "\(answer.text)")
        }
    }
}
