import FoundationEssentials
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The responder for calls of SQS, by the AWS JSON protocol, and for `/_queue`: a body of it is one message a line.
///
/// Every URL is that of the one queue.
struct QueueResponder: Sendable {
    static let path = "/_queue"
    private static let targetPrefix = "AmazonSQS."
    /// How long a long poll waits before it looks again.
    private static let interval = Duration.milliseconds(10)

    let queue: SinkQueue

    private struct Parameters: Decodable {
        struct Entry: Decodable {
            var id: String
            var handle: String
            var seconds: Int?

            enum CodingKeys: String, CodingKey {
                case id = "Id"
                case handle = "ReceiptHandle"
                case seconds = "VisibilityTimeout"
            }
        }

        var limit: Int?
        var wait: Int?
        var entries: [Entry]?

        enum CodingKeys: String, CodingKey {
            case limit = "MaxNumberOfMessages"
            case wait = "WaitTimeSeconds"
            case entries = "Entries"
        }
    }

    private struct Message: Encodable {
        var id: String
        var handle: String
        var body: String
        var attributes: [String: String]

        enum CodingKeys: String, CodingKey {
            case id = "MessageId"
            case handle = "ReceiptHandle"
            case body = "Body"
            case attributes = "Attributes"
        }
    }

    /// Returns the action of a call of SQS; `nil` for any other request.
    static func action(of request: Request) -> String? {
        guard let name = HTTPFields.Element.Name("X-Amz-Target"), let target = request.headers[name], target.hasPrefix(targetPrefix) else {
            return nil
        }
        return String(target.dropFirst(targetPrefix.count))
    }

    func answer(_ action: String, _ body: ByteBuffer) async throws -> Response {
        let parameters = try JSONDecoder().decode(Parameters.self, from: Data(body.readableBytesView))
        switch action {
        case "ReceiveMessage": return try await receive(parameters)
        case "DeleteMessageBatch": return try change(parameters) { handle, _ in queue.delete(handle) }
        case "ChangeMessageVisibilityBatch": return try change(parameters) { queue.hide($0, seconds: $1.seconds ?? 0) }
        case "GetQueueAttributes": return try json(["Attributes": ["ApproximateNumberOfMessages": String(queue.counts.waiting)]])
        default: return try json(["__type": "com.amazonaws.sqs#UnsupportedOperation", "message": action], .badRequest)
        }
    }

    /// Adds the lines of a body as messages, and answers with the counts.
    func fill(_ body: ByteBuffer) throws -> Response {
        let lines = String(buffer: body).split(separator: "\n").map(String.init)
        queue.add(lines, at: Int64(Date().timeIntervalSince1970 * 1000))
        let counts = queue.counts
        return try json(["waiting": counts.waiting, "hidden": counts.hidden, "deleted": counts.deleted])
    }

    private func receive(_ parameters: Parameters) async throws -> Response {
        let end = ContinuousClock.now + .seconds(parameters.wait ?? 0)
        var batch = queue.receive(parameters.limit ?? 1)
        while batch.isEmpty, ContinuousClock.now < end, !Task.isShuttingDownGracefully {
            try await Task.sleep(for: Self.interval)
            batch = queue.receive(parameters.limit ?? 1)
        }
        let messages = batch.map { handle, message in
            Message(
                id: "m-\(message.id)", handle: String(handle), body: message.body,
                attributes: ["ApproximateReceiveCount": String(message.receives), "SentTimestamp": String(message.sentAt)])
        }
        return try json(["Messages": messages])
    }

    private func change(_ parameters: Parameters, _ body: (Int, Parameters.Entry) -> Void) throws -> Response {
        let entries = parameters.entries ?? []
        for entry in entries { if let handle = Int(entry.handle) { body(handle, entry) } }
        return try json(["Successful": entries.map { ["Id": $0.id] }])
    }

    private func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        let body = ByteBuffer(bytes: try JSONEncoder().encode(value))
        return Response(status: status, headers: [.contentType: "application/x-amz-json-1.0"], body: .init(byteBuffer: body))
    }
}
