import JSON
package import MailModel

/// The client of one queue of Amazon SQS, by the AWS JSON protocol 1.0.
///
/// Source: Amazon SQS API reference, and "Making Query API requests using AWS JSON protocol" of the developer guide.
package final class SQSClient: Sendable {
    /// The queue.
    package let queue: SQSQueueURL
    private let endpoint: WebURL
    private let signer: RequestSigner
    private let http: AWSHTTPClient
    private let timeout: Duration

    /// The most messages of a call (`ReceiveMessage`, `DeleteMessageBatch`).
    package static let batch = 10
    /// The longest wait of a long poll.
    package static let longestWait = Duration.seconds(20)

    /// Ten messages of SNS's largest size of 256 KiB, whose quotes are escaped twice, and one of SQS's largest of 1 MiB.
    private static let maximumAnswer = 8 << 20

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - timeout: for one call as a whole, without the wait of a long poll.
    ///   - clock: the time that calls are signed with; `nil`: this machine's.
    package init(
        _ configuration: SQSConfiguration, credentials: any CredentialsProvider, http: AWSHTTPClient, timeout: Duration = .seconds(15),
        clock: (@Sendable () -> Timestamp)? = nil
    ) {
        queue = configuration.queue
        endpoint = configuration.endpoint
        signer = RequestSigner(credentials: credentials, region: configuration.region, service: "sqs", clock: clock ?? { .systemNow() })
        self.http = http
        self.timeout = timeout
    }

    /// Receives messages.
    ///
    /// Waits for the first where there is none.
    ///
    /// - Parameters:
    ///   - limit: the most messages, 1 to 10.
    ///   - wait: how long the queue waits for a message, in whole seconds up to 20.
    package func receive(limit: Int = SQSClient.batch, wait: Duration = SQSClient.longestWait) async throws(SQSError) -> [SQSMessage] {
        let answer = try await call("ReceiveMessage", timeout: timeout + wait) { body in
            body.member("MaxNumberOfMessages", limit)
            body.member("WaitTimeSeconds", wait.components.seconds)
            body.member("MessageSystemAttributeNames", ["ApproximateReceiveCount", "SentTimestamp"])
        }
        return (answer["Messages"]?.arrayValue ?? []).compactMap(SQSMessage.init)
    }

    /// Deletes up to ten messages.
    ///
    /// - Returns: the ids of those that SQS did not delete, and will hand out again.
    package func delete(_ messages: [SQSMessage]) async throws(SQSError) -> [String] {
        try await change("DeleteMessageBatch", messages) { _, _ in }
    }

    /// Lets up to ten messages be received again after a time, instead of after the queue's visibility time-out.
    ///
    /// - Parameter delay: up to 12 hours, in whole seconds.
    package func hide(_ messages: [SQSMessage], for delay: Duration) async throws(SQSError) {
        _ = try await change("ChangeMessageVisibilityBatch", messages) { entry, _ in
            entry.member("VisibilityTimeout", delay.components.seconds)
        }
    }

    /// Returns what SQS says about the queue.
    package func attributes() async throws(SQSError) -> SQSAttributes {
        let answer = try await call("GetQueueAttributes", timeout: timeout) { body in
            body.member("AttributeNames", ["ApproximateNumberOfMessages", "RedrivePolicy"])
        }
        return SQSAttributes(answer["Attributes"]?.objectValue ?? JSONObject())
    }

    /// Makes a call of a batch, whose entries are named by their position.
    ///
    /// - Returns: the ids of the messages for which it failed.
    private func change(
        _ action: String, _ messages: [SQSMessage], _ write: (inout JSONWriter, SQSMessage) -> Void
    ) async throws(SQSError) -> [String] {
        guard !messages.isEmpty else { return [] }
        let answer = try await call(action, timeout: timeout) { body in
            body.member("Entries") { writer in
                writer.array { writer in
                    for (position, message) in messages.enumerated() {
                        writer.object { entry in
                            entry.member("Id", String(position))
                            entry.member("ReceiptHandle", message.receiptHandle)
                            write(&entry, message)
                        }
                    }
                }
            }
        }
        let failed = (answer["Failed"]?.arrayValue ?? []).compactMap { $0.objectValue?["Id"]?.stringValue.flatMap { Int($0) } }
        return failed.filter(messages.indices.contains).map { messages[$0].id }
    }

    private func call(_ action: String, timeout: Duration, _ write: (inout JSONWriter) -> Void) async throws(SQSError) -> JSONObject {
        var writer = JSONWriter()
        writer.object { body in
            body.member("QueueUrl", queue.description)
            write(&body)
        }
        let answer = try await exchange(try await signed(action, writer.bytes), timeout)
        guard answer.status == 200 else { throw SQSError(answer: answer) }
        // A call without a result may be answered without a document.
        if answer.body.isEmpty { return JSONObject() }
        guard let document = (try? JSONValue.parseLeniently(answer.body))?.objectValue else {
            throw SQSError(code: "UnreadableAnswer", message: "the answer is no JSON object", httpStatus: 200)
        }
        return document
    }

    private func signed(_ action: String, _ body: [UInt8]) async throws(SQSError) -> OutgoingRequest {
        let headers = [(name: "Content-Type", value: "application/x-amz-json-1.0"), (name: "X-Amz-Target", value: "AmazonSQS." + action)]
        do {
            return try await signer.signed("POST", endpoint, headers: headers, body)
        } catch {
            throw SQSError(code: "CredentialsUnavailable", message: error.description)
        }
    }

    private func exchange(_ request: OutgoingRequest, _ timeout: Duration) async throws(SQSError) -> HTTPAnswer {
        do {
            return try await http.exchange(request, timeout: timeout, maximumBytes: Self.maximumAnswer)
        } catch {
            throw SQSError(error)
        }
    }
}
