import AmazonSES
import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WebhookTests {
    private static let bounce =
        #"{\"notificationType\":\"Bounce\",\"mail\":{\"messageId\":\"m-1\",\"source\":\"a@example.com\"},"#
        + #"\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"x@example.org\"}]}}"#

    private static func message(_ type: String = "Notification", id: String = "id-1", text: String = bounce) -> String {
        #"{"Type":"\#(type)","MessageId":"\#(id)","TopicArn":"arn:aws:sns:us-east-1:123456789012:feedback","Message":"\#(text)","#
            + #""SubscribeURL":"https://sns.us-east-1.amazonaws.com/","Token":"t","Timestamp":"2026-06-15T12:00:00.000Z"}"#
    }

    @Test(arguments: ["text/plain; charset=UTF-8", "text/plain", nil, "application/json"])
    func notification(type: String?) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            for _ in 1...2 {
                let answer = try await api.send(.post, "/webhooks/ses", token: "", body: Self.message(), type: type)
                #expect(answer.status == 200 && answer.text == #"{"status":"ok"}"#)
            }
            #expect(try await api.send(.get, "/domains/example.com/outbound").object["bounce_count"]?.integerValue == 1)
        }
    }

    @Test(arguments: [
        ("", 400), ("hello", 400), ("{}", 400), (#"{"Type": "Notification"}"#, 400), (message("Nonsense"), 400),
        (message(text: "no event"), 400),
    ])
    func malformed(body: String, status: Int) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/webhooks/ses/", token: "", body: body, type: "text/plain")
            #expect(answer.status == status)
            #expect(answer.detail?.isEmpty == false)
        }
    }

    @Test func refusedAndUnavailable() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            api.sns.reject(.topicNotAllowed)
            let refused = try await api.send(.post, "/webhooks/ses", token: "", body: Self.message(), type: "text/plain")
            #expect(refused.status == 403 && refused.detail == "topic not allowed")
            api.sns.reject(nil)
            api.sns.failConfirmation(.failed)
            let confirmation = Self.message("SubscriptionConfirmation", text: "confirm")
            #expect(try await api.send(.post, "/webhooks/ses", token: "", body: confirmation, type: "text/plain").status == 502)
            #expect(try await api.send(.get, "/domains/example.com/outbound").object["bounce_count"]?.integerValue == 0)
            try await api.store.close()
            #expect(try await api.send(.post, "/webhooks/ses", token: "", body: Self.message(), type: "text/plain").status == 503)
        }
    }

    @Test func otherContentTypesAndSizes() async throws {
        try await withAPI { api in
            let form = try await api.send(.post, "/webhooks/ses", token: "", body: "a=b", type: "application/x-www-form-urlencoded")
            #expect(form.status == 415 && form.detail == "Content-Type must be text/plain, found application/x-www-form-urlencoded")
            let large = Self.message(text: String(repeating: "x", count: 2 << 20))
            #expect(try await api.send(.post, "/webhooks/ses", token: "", body: large, type: "text/plain").status == 413)
            let escaped = Self.message(text: String(repeating: "\\\"", count: 512 << 10))
            #expect(try await api.send(.post, "/webhooks/ses", token: "", body: escaped, type: "text/plain").status == 400)
        }
    }
}
