import Synchronization

/// Bytes of memory that messages under way may take together: what is stored of them, their wire form, and the form in which the provider takes it.
///
/// Asked for before a content is read. In the order of their coming, so that a large message is not passed over for ever; one that is larger than
/// the whole budget gets all of it. Small ones do not wait behind large ones: their number is bounded by the calls that may be under way.
final class MessageMemoryBudget: Sendable {
    /// 128 MB: the allocator keeps about as much again of what was given back.
    static let defaultBytes = 128 << 20
    /// What is granted without waiting.
    static let alwaysGranted = 64 << 10
    /// Header, structures, and what else a message has that does not grow with its content.
    private static let fixedBytes = 8 << 10

    /// Why there was no waiting for memory.
    struct Closed: Error {}

    private let state: Mutex<MessageMemoryQueue>
    private let didQueue: @Sendable () -> Void

    /// - Parameter didQueue: called when a message begins to wait.
    init(bytes: Int = MessageMemoryBudget.defaultBytes, didQueue: @escaping @Sendable () -> Void = {}) {
        state = Mutex(MessageMemoryQueue(bytes: bytes))
        self.didQueue = didQueue
    }

    /// The most that a message takes while it is made: its texts as stored and with an unsubscribe link, a plain text made from HTML, the wire form
    /// in base64 or quoted-printable.
    static func estimate(ofContent bytes: Int) -> Int {
        fixedBytes + 6 * bytes
    }

    /// What a message takes while its call is under way: its wire form, and half as much again for the form.
    static func estimate(ofMessage bytes: Int) -> Int {
        fixedBytes + bytes + bytes * 3 / 2
    }

    /// Bytes that are free; none where somebody waits for some.
    var free: Int { state.withLock { $0.isWaitedFor ? 0 : max(0, $0.free) } }

    /// Whether somebody waits.
    var isWaitedFor: Bool { state.withLock { $0.isWaitedFor } }

    /// Waits for memory, which is to be given back.
    ///
    /// - Returns: how much was granted: what was wanted, or all that there is.
    /// - Throws: `CancellationError` when the task is cancelled, ``Closed`` when the program stops.
    func take(_ wanted: Int) async throws -> Int {
        let id = state.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let resumption = state.withLock { state in
                    // Under the lock, so that a cancellation either is seen here or finds who waits.
                    Task.isCancelled ? .init(continuation, .failure(CancellationError())) : state.take(wanted, id: id, continuation)
                }
                if let resumption { resumption.resume() } else { didQueue() }
            }
        } onCancel: {
            resume { $0.cancel(id) }
        }
    }

    /// - Parameter granted: all that ``take(_:)`` has granted, or a part of it.
    func giveBack(_ granted: Int) {
        resume { $0.giveBack(granted) }
    }

    /// Ends all waiting: from now on only what is free is given.
    func close() {
        resume { $0.close() }
    }

    private func resume(_ change: (inout MessageMemoryQueue) -> [MessageMemoryQueue.Resumption]) {
        let resumptions = state.withLock { change(&$0) }
        for resumption in resumptions { resumption.resume() }
    }
}

/// Who has and who waits for memory. Every change says whose waiting has ended by it.
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

    var isWaitedFor: Bool { !waiting.isEmpty }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func take(_ wanted: Int, id: Int, _ continuation: Continuation) -> Resumption? {
        let wanted = min(wanted, bytes)
        guard wanted <= MessageMemoryBudget.alwaysGranted || (waiting.isEmpty && free >= wanted) else {
            guard !isClosed else { return Resumption(continuation, .failure(MessageMemoryBudget.Closed())) }
            waiting.append(Waiting(id: id, bytes: wanted, continuation: continuation))
            return nil
        }
        free -= wanted
        return Resumption(continuation, .success(wanted))
    }

    mutating func giveBack(_ granted: Int) -> [Resumption] {
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
