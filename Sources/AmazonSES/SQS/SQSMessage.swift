import JSON
package import MailModel

/// A message that a queue has handed out.
///
/// It stays in the queue, hidden for a while, until it is deleted.
package struct SQSMessage: Sendable, Equatable {
    /// The id, the same however often the message is received.
    package var id: String
    /// The handle by which this receipt of the message is deleted or hidden for another time.
    package var receiptHandle: String
    /// The content.
    package var body: String
    /// How often it was received so far, this time included; approximate.
    package var receiveCount: Int
    /// When it came into the queue; `nil` where the queue does not say.
    package var sentAt: Timestamp?

    /// Creates a message.
    package init(id: String, receiptHandle: String, body: String, receiveCount: Int = 1, sentAt: Timestamp? = nil) {
        self.id = id
        self.receiptHandle = receiptHandle
        self.body = body
        self.receiveCount = receiveCount
        self.sentAt = sentAt
    }

    /// Reads an entry of `Messages` in the answer to `ReceiveMessage`; `nil` without id, handle or body.
    init?(_ value: JSONValue) {
        guard let message = value.objectValue, let id = message["MessageId"]?.stringValue,
            let handle = message["ReceiptHandle"]?.stringValue, let body = message["Body"]?.stringValue
        else { return nil }
        let attributes = message["Attributes"]?.objectValue
        func number(_ name: String) -> Int64? { attributes?[name].flatMap { $0.stringValue.flatMap { Int64($0) } ?? $0.integerValue } }
        self.init(
            id: id, receiptHandle: handle, body: body, receiveCount: Int(clamping: number("ApproximateReceiveCount") ?? 1),
            sentAt: number("SentTimestamp").map(Timestamp.init(milliseconds:)))
    }
}

/// What SQS says about a queue.
package struct SQSAttributes: Sendable, Equatable {
    /// How many messages wait; approximate.
    package var waiting: Int64
    /// The ARN of the queue that messages go to which were received too often; `nil` where there is none.
    package var deadLetterQueue: String?

    /// Creates attributes.
    package init(waiting: Int64, deadLetterQueue: String? = nil) {
        self.waiting = waiting
        self.deadLetterQueue = deadLetterQueue
    }

    init(_ attributes: JSONObject) {
        waiting = attributes["ApproximateNumberOfMessages"]?.stringValue.flatMap { Int64($0) } ?? 0
        let policy = attributes["RedrivePolicy"]?.stringValue.flatMap { try? JSONValue.parse($0.utf8).objectValue }
        deadLetterQueue = policy?["deadLetterTargetArn"]?.stringValue
    }
}

/// Why a call of SQS failed.
package struct SQSError: Error, Equatable, CustomStringConvertible {
    /// SQS's code, such as `QueueDoesNotExist`; a name of ours, such as `ConnectionError`, where SQS gave none.
    package var code: String
    /// SQS's explanation.
    package var message: String
    /// The status of the answer; `nil` without an answer.
    package var httpStatus: Int?

    /// Creates an error.
    package init(code: String, message: String, httpStatus: Int? = nil) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
    }

    /// Code and explanation.
    package var description: String { code + ": " + message }

    /// Whether the answer was larger than is read: fewer messages may fit.
    package var isTooLarge: Bool { code == Self.tooLarge }

    static let tooLarge = "AnswerTooLarge"

    /// Reads an error of the JSON protocol: `{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "…"}`.
    init(answer: HTTPAnswer) {
        let document = (try? JSONValue.parse(answer.body))?.objectValue
        let type = document?["__type"]?.stringValue ?? answer.errorType
        let code = type?.split(separator: "#").last.map { String($0.prefix { $0 != ":" }) } ?? ""
        let message = (document?["message"] ?? document?["Message"])?.stringValue ?? ""
        self.init(
            code: code.isEmpty ? "HTTP\(answer.status)" : code,
            message: message.isEmpty ? "the answer was HTTP \(answer.status) without an error of SQS" : message, httpStatus: answer.status)
    }

    init(_ failure: HTTPFailure) {
        self.init(code: failure.isTooLarge ? Self.tooLarge : "ConnectionError", message: failure.reason)
    }
}
