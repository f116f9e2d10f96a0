package import AmazonSES

/// A queue that is polled: one of SQS, or a test's own.
package protocol MessageQueue: Sendable {
    /// The name, for logs and metrics.
    var name: String { get }
    /// Receives up to `limit` messages, and waits for the first.
    func receive(limit: Int) async throws -> [SQSMessage]
    /// Deletes messages.
    ///
    /// - Returns: the ids of those that were not deleted.
    func delete(_ messages: [SQSMessage]) async throws -> [String]
    /// Lets messages be received again after a time.
    func hide(_ messages: [SQSMessage], for delay: Duration) async throws
    /// Returns what is known of the queue.
    func attributes() async throws -> SQSAttributes
}

extension SQSClient: MessageQueue {
    /// The name of the queue.
    package var name: String { queue.name }

    /// Receives messages by a long poll of 20 s.
    package func receive(limit: Int) async throws -> [SQSMessage] {
        try await receive(limit: limit, wait: Self.longestWait)
    }
}

/// How many polls of a queue are under way at once: one while little comes, more while polls come back full.
///
/// A queue answers a poll with at most ten messages, so that its rate is that of the polls. Where nothing waits, each poll takes its 20 s, and one
/// is enough.
struct PollBalance: Sendable, Equatable {
    /// How many polls should be under way.
    private(set) var wanted = 1
    /// How many messages a poll asks for: fewer where ten were too large for one answer.
    private(set) var limit = SQSClient.batch
    private let maximum: Int

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Takes the number of messages that a poll brought.
    mutating func received(_ count: Int, of asked: Int) {
        if count >= asked {
            wanted = min(maximum, wanted * 2)
        } else if count < asked / 2 {
            wanted = max(1, wanted - 1)
        }
        if count > 0 { limit = min(SQSClient.batch, limit * 2) }
    }

    /// Takes that a poll failed, of what it brought or on its way.
    mutating func failed(isTooLarge: Bool) {
        wanted = 1
        if isTooLarge { limit = max(1, limit / 2) }
    }
}

/// The waits between attempts of what fails: twice as long each time, from a second to half a minute.
struct Backoff: Sendable, Equatable {
    private var last: Duration?

    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(30)

    /// The wait after one more failure.
    mutating func next() -> Duration {
        let wait = last.map { min($0 * 2, Self.longest) } ?? Self.first
        last = wait
        return wait
    }

    /// Whether the last attempt failed.
    var isWaiting: Bool { last != nil }

    /// Begins anew after a success.
    mutating func reset() {
        last = nil
    }
}
