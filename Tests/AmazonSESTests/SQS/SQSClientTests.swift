import JSON
import MailModel
import Testing

@testable import AmazonSES

/// Runs `body` with a client whose SQS is `answer`.
private func withSQS<Value: Sendable>(
    timeout: Duration = .seconds(20), _ answer: @escaping @Sendable (Received) async -> Reply, _ body: (SQSClient) async throws -> Value
) async throws -> Value {
    try await withServer(answer) { url in
        try await withHTTPClient { http in
            let queue = try #require(SQSQueueURL("https://sqs.us-east-1.amazonaws.com/123456789012/ses-events"))
            let configuration = try SQSConfiguration(queue, environment: ["AWS_ENDPOINT_URL": url])
            return try await body(
                SQSClient(configuration, credentials: StaticCredentials(exampleCredentials), http: http, timeout: timeout))
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SQSClientTests {
    private static let message = SQSMessage(
        id: "m-1", receiptHandle: "handle/1==", body: "{\"a\":\"ü\"}", receiveCount: 3, sentAt: Timestamp(milliseconds: 1_780_000_000_123))

    private static func body(of request: Received?) throws -> JSONObject {
        let text = try #require(request).body
        return try #require(JSONValue.parse(text.utf8).objectValue)
    }

    @Test func `receives by a signed long poll`() async throws {
        let seen = Shared<Received?>(nil)
        let messages = try await withSQS { request in
            seen.update { $0 = request }
            return .answer(
                200,
                #"""
                {"Messages":[{"MessageId":"m-1","ReceiptHandle":"handle/1==","MD5OfBody":"x","Body":"{\"a\":\"ü\"}",
                "Attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1780000000123"}},{"MessageId":"no body"}]}
                """#)
        } _: {
            try await $0.receive()
        }
        #expect(messages == [Self.message])
        let request = try #require(seen.value)
        #expect(request.method == "POST" && request.target == "/")
        #expect(request.headers["x-amz-target"] == "AmazonSQS.ReceiveMessage")
        #expect(request.headers["content-type"] == "application/x-amz-json-1.0")
        let signed = "/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target"
        #expect(request.headers["authorization"]?.contains(signed) == true)
        let body = try Self.body(of: request)
        #expect(body["QueueUrl"] == .string("https://sqs.us-east-1.amazonaws.com/123456789012/ses-events"))
        #expect(body["MaxNumberOfMessages"]?.integerValue == 10 && body["WaitTimeSeconds"]?.integerValue == 20)
        #expect(body["MessageSystemAttributeNames"]?.arrayValue == [.string("ApproximateReceiveCount"), .string("SentTimestamp")])
    }

    @Test(arguments: ["{}", #"{"Messages":[]}"#, #"{"Messages":null}"#, ""])
    func `an empty queue is no error`(answer: String) async throws {
        let messages = try await withSQS({ _ in .answer(200, answer) }) { try await $0.receive(limit: 1, wait: .zero) }
        #expect(messages == [])
    }

    @Test func `what was not deleted is named`() async throws {
        let seen = Shared<Received?>(nil)
        var other = Self.message
        (other.id, other.receiptHandle) = ("m-2", "handle/2")
        let messages = [Self.message, other]
        let failed = try await withSQS { request in
            seen.update { $0 = request }
            return .answer(200, #"{"Successful":[{"Id":"0"}],"Failed":[{"Id":"1","SenderFault":false,"Code":"InternalError"},{"Id":"9"}]}"#)
        } _: {
            try await $0.delete(messages)
        }
        #expect(failed == ["m-2"])
        #expect(seen.value?.headers["x-amz-target"] == "AmazonSQS.DeleteMessageBatch")
        let body = try Self.body(of: seen.value)
        let entries = try #require(body["Entries"]?.arrayValue)
        #expect(entries.map { $0.objectValue?["ReceiptHandle"]?.stringValue } == ["handle/1==", "handle/2"])
        #expect(entries.map { $0.objectValue?["Id"]?.stringValue } == ["0", "1"])
    }

    @Test func `hides messages for a time`() async throws {
        let seen = Shared<Received?>(nil)
        try await withSQS { request in
            seen.update { $0 = request }
            return .answer(200, "{}")
        } _: {
            try await $0.hide([Self.message], for: .seconds(8))
        }
        #expect(seen.value?.headers["x-amz-target"] == "AmazonSQS.ChangeMessageVisibilityBatch")
        let entry = try Self.body(of: seen.value)["Entries"]?.arrayValue?.first?.objectValue
        #expect(entry?["VisibilityTimeout"]?.integerValue == 8)
    }

    @Test func `no call is made for no messages`() async throws {
        let calls = Shared(0)
        let failed = try await withSQS { _ in
            calls.update { $0 += 1 }
            return .answer(200, "{}")
        } _: { client in
            try await client.hide([], for: .seconds(1))
            return try await client.delete([])
        }
        #expect(failed == [] && calls.value == 0)
    }

    @Test(arguments: [
        (#"{"Attributes":{"ApproximateNumberOfMessages":"17"}}"#, SQSAttributes(waiting: 17)),
        (
            #"{"Attributes":{"ApproximateNumberOfMessages":"0","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:x\",\"maxReceiveCount\":5}"}}"#,
            SQSAttributes(waiting: 0, deadLetterQueue: "arn:x")
        ),
        ("{}", SQSAttributes(waiting: 0)),
    ])
    func `reads the attributes of the queue`(answer: String, expected: SQSAttributes) async throws {
        let attributes = try await withSQS({ _ in .answer(200, answer) }) { try await $0.attributes() }
        #expect(attributes == expected)
    }

    @Test(arguments: [
        (Reply.answer(400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#), "QueueDoesNotExist"),
        (.answer(403, #"{"__type":"AccessDeniedException","Message":"no"}"#), "AccessDeniedException"),
        (.typed(400, "InvalidAddress:http://x/"), "InvalidAddress"), (.answer(503), "HTTP503"), (.answer(200, "[]"), "UnreadableAnswer"),
        (.close, "ConnectionError"), (.redirect("http://127.0.0.1/"), "HTTP302"), (.hang, "ConnectionError"),
        (.answer(200, String(repeating: " ", count: 9 << 20)), "AnswerTooLarge"),
    ])
    func `names a failure`(reply: Reply, code: String) async throws {
        let error = try await withSQS(timeout: reply.patience, { _ in reply }) { client in
            await #expect(throws: SQSError.self) { try await client.receive(limit: 10, wait: .zero) }
        }
        #expect(error?.code == code && error?.isTooLarge == (code == "AnswerTooLarge"))
    }
}
