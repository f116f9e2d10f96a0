import Synchronization

/// The bytes of memory that messages under way may take together: their content, their wire form, and the request to the provider.
///
/// Memory is reserved before a content is read, first come, first served, so that large messages are not starved. A message that is larger
/// than the budget gets all of it. Small messages do not wait: their number is bounded by the calls that may be under way.
final class MessageMemoryBudget: Sendable {
    /// 128 MB.
    ///
    /// The allocator keeps about as much again of freed memory.
    static let defaultBytes = 128 << 20
    /// The size up to which a message does not wait.
    static let alwaysGranted = 64 << 10
    /// The part of a message that does not grow with its content, such as its header.
    private static let fixedBytes = 8 << 10

    /// The budget is closed: nobody waits for memory any more.
    struct Closed: Error {}

    private let state: Mutex<MessageMemoryQueue>
    private let didQueue: @Sendable () -> Void

    /// A budget of so many bytes.
    ///
    /// - Parameter didQueue: called when a message begins to wait.
    init(bytes: Int = MessageMemoryBudget.defaultBytes, didQueue: @escaping @Sendable () -> Void = {}) {
        state = Mutex(MessageMemoryQueue(bytes: bytes))
        self.didQueue = didQueue
    }

    /// The most bytes that a message takes while it is composed: its texts as stored and with an unsubscribe link, a plain text made from
    /// HTML, the wire form in base64 or quoted-printable.
    static func estimate(ofContent bytes: Int) -> Int {
        fixedBytes + 6 * bytes
    }

    /// The bytes that a message takes during its call: its wire form, and one and a half times that for the request.
    static func estimate(ofMessage bytes: Int) -> Int {
        fixedBytes + bytes + bytes * 3 / 2
    }

    /// The free bytes; 0 while a message waits.
    var freeBytes: Int { state.withLock { $0.hasWaiting ? 0 : max(0, $0.free) } }

    /// Whether a message waits.
    var hasWaiting: Bool { state.withLock { $0.hasWaiting } }

    /// Reserves memory, waiting until it is free.
    ///
    /// It is to be released.
    ///
    /// - Returns: how many bytes were granted: those wanted, or the whole budget where that is less.
    /// - Throws: `CancellationError` when the task is cancelled, ``Closed`` when the program stops.
    func reserve(_ wanted: Int) async throws -> Int {
        let id = state.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let resumption = state.withLock { state in
                    // Under the lock, so that a cancellation is either seen here or finds the entry in the queue.
                    Task.isCancelled ? .init(continuation, .failure(CancellationError())) : state.reserve(wanted, id: id, continuation)
                }
                if let resumption { resumption.resume() } else { didQueue() }
            }
        } onCancel: {
            resume { $0.cancel(id) }
        }
    }

    /// Releases memory.
    ///
    /// - Parameter granted: all that ``reserve(_:)`` has granted, or a part of it.
    func release(_ granted: Int) {
        resume { $0.release(granted) }
    }

    /// Ends all waiting.
    ///
    /// From now on only free memory is granted.
    func close() {
        resume { $0.close() }
    }

    private func resume(_ change: (inout MessageMemoryQueue) -> [MessageMemoryQueue.Resumption]) {
        let resumptions = state.withLock { change(&$0) }
        for resumption in resumptions { resumption.resume() }
    }
}

/// The state of a budget: a queue of the messages that wait.
///
/// Each change returns the continuations to resume.
private struct MessageMemoryQueue: Sendable {
    typealias Continuation = CheckedContinuation<Int, any Error>

    struct Resumption: Sendable {
        private let continuation: Continuation
        private let result: Result<Int, any Error>

        init(_ continuation: Continuation, _ result: Result<Int, any Error>) {
            self.continuation = continuation
            self.result = result
        }

        func resume() {
            continuation.resume(with: result)
        }
    }

    private struct Waiting {
        var id: Int
        var bytes: Int
        var continuation: Continuation
    }

    private let bytes: Int
    private(set) var free: Int
    private var waiting: [Waiting] = []
    private var isClosed = false
    private var lastID = 0

    init(bytes: Int) {
        self.bytes = bytes
        free = bytes
    }

    var hasWaiting: Bool { !waiting.isEmpty }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func reserve(_ wanted: Int, id: Int, _ continuation: Continuation) -> Resumption? {
        let wanted = min(wanted, bytes)
        guard wanted <= MessageMemoryBudget.alwaysGranted || (waiting.isEmpty && free >= wanted) else {
            guard !isClosed else { return Resumption(continuation, .failure(MessageMemoryBudget.Closed())) }
            waiting.append(Waiting(id: id, bytes: wanted, continuation: continuation))
            return nil
        }
        free -= wanted
        return Resumption(continuation, .success(wanted))
    }

    mutating func release(_ granted: Int) -> [Resumption] {
        free += granted
        return grant()
    }

    mutating func cancel(_ id: Int) -> [Resumption] {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return [] }
        let cancelled = waiting.remove(at: index)
        return [Resumption(cancelled.continuation, .failure(CancellationError()))] + grant()
    }

    mutating func close() -> [Resumption] {
        isClosed = true
        defer { waiting = [] }
        return waiting.map { Resumption($0.continuation, .failure(MessageMemoryBudget.Closed())) }
    }

    private mutating func grant() -> [Resumption] {
        var granted: [Resumption] = []
        while let first = waiting.first, first.bytes <= free {
            free -= first.bytes
            granted.append(Resumption(first.continuation, .success(first.bytes)))
            waiting.removeFirst()
        }
        return granted
    }
}
