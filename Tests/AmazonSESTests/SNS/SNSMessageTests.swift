import MailModel
import Testing

@testable import AmazonSES

struct SNSMessageTests {
    @Test func `reads a notification`() throws {
        let message = try SNSMessage(parsing: body(SigningTopic.notification.merging(["Subject": "s"]) { $1 }))
        #expect(message.kind == .notification)
        #expect(message.messageID == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")
        #expect(message.topic.description == SigningTopic.arn && message.topic.region == "us-east-1")
        #expect(message.message == "{\"a\":\"ü\\n\"}\nline")
        #expect(message.subject == "s")
        #expect(message.sentAt == .at("2026-06-15T11:59:30.123Z"))
        #expect(message.subscribeURL == nil)
    }

    @Test func `signs the decoded values in the guide's order`() throws {
        let fields = ["Subject": "s", "Message": "a\nb\"c"]
        let notification = try SNSMessage(parsing: body(SigningTopic.notification.merging(fields) { $1 }))
        #expect(
            notification.stringToSign == """
                Message\na\nb"c\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubject\ns\nTimestamp\n2026-06-15T11:59:30.123Z
                TopicArn\n\(SigningTopic.arn)\nType\nNotification\n
                """)
        let confirmation = try SNSMessage(parsing: body(SigningTopic.confirmation.merging(fields) { $1 }))
        #expect(
            confirmation.stringToSign == """
                Message\na\nb"c\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubscribeURL\n\(SigningTopic.subscribeURL)
                Timestamp\n2026-06-15T11:59:30.123Z\nToken\nt0ken\nTopicArn\n\(SigningTopic.arn)\nType\nSubscriptionConfirmation\n
                """)
    }

    @Test(arguments: ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "SubscribeURL", "Token"])
    func `names a missing field`(_ name: String) throws {
        let fields = SigningTopic.confirmation.filter { $0.key != name }
        let error = #expect(throws: SNSMessage.Malformed.self) { try SNSMessage(parsing: body(fields)) }
        #expect(error?.description == "\(name) is missing")
    }

    @Test(arguments: [("Type", "Other"), ("TopicArn", "feedback"), ("Timestamp", "yesterday")])
    func `names an invalid field`(_ name: String, _ value: String) throws {
        let error = #expect(throws: SNSMessage.Malformed.self) {
            try SNSMessage(parsing: body(SigningTopic.notification.merging([name: value]) { $1 }))
        }
        #expect(error?.description.hasPrefix(name) == true)
    }

    @Test(arguments: ["", "null", "[]", "\"Notification\"", "{", "{\"Type\":1}", "{\"Type\":null}", "Successfully validated SNS topic"])
    func `refuses a body that is not a message`(_ text: String) {
        #expect(throws: SNSMessage.Malformed.self) { try SNSMessage(parsing: text.utf8) }
    }

    @Test(arguments: [
        "", "arn:aws:sns:us-east-1:123456789012", "arn:aws:sqs:us-east-1:123456789012:x", "arn:evil:sns:us-east-1:123456789012:x",
        "arn:aws:sns:us-east-1.evil.test/:123456789012:x", "arn:aws:sns::123456789012:x", "arn:aws:sns:us-east-1:12345:x",
        "arn:aws:sns:us-east-1:123456789012:", "arn:aws:sns:us-east-1:123456789012:a b", "arn:aws:sns:us-east-1:123456789012:x:y",
    ])
    func `refuses an ARN that is not of a topic`(_ text: String) {
        #expect(TopicARN(text) == nil)
    }

    @Test func `survives arbitrary input`() throws {
        let sample = try body(SigningTopic.confirmation)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var mutated = sample
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                mutated[Int.random(in: 0..<mutated.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? SNSMessage(parsing: mutated).stringToSign
        }
    }
}
