import DequeModule
import Synchronization

/// A queue for a service that allows few calls a second: they begin one after the other, spaced, in turn for those who make them.
///
/// The number of waiting calls is bounded, and shared among those for whom they are made (``FairShares``). Times are monotonic.
package final class PacedQueue: Sendable {
    /// The calls that wait are as many as may.
    package struct Full: Error, Equatable {
        /// When there is room again, about.
        package let retryAfter: Duration

        /// The refusal of a call.
        package init(retryAfter: Duration) {
            self.retryAfter = retryAfter
        }
    }

    private let state: Mutex<PacedQueueState<CheckedContinuation<Void, any Error>>>
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async -> Void

    /// - Parameters:
    ///   - interval: the time between two calls.
    ///   - burst: how many calls may begin at once after a pause.
    ///   - capacity: the most calls that wait.
    ///   - clock: the present time.
    ///   - sleep: waits for the next call's time.
    package init(
        interval: Duration, burst: Int, capacity: Int, clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0, clock: .continuous) }
    ) {
        state = Mutex(PacedQueueState(interval: interval, burst: burst, capacity: capacity))
        self.clock = clock
        self.sleep = sleep
    }

    /// The number of calls that wait.
    package var count: Int { state.withLock { $0.count } }

    /// Waits for the turn of a call.
    ///
    /// - Parameter holder: for whom the call is made.
    /// - Throws: ``Full``; `CancellationError` when the task is cancelled while it waits.
    package func turn(for holder: String = Caller.current) async throws {
        let ticket = state.withLock { $0.ticket() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isIn, isFirst, full) = state.withLock { state in
                    guard !Task.isCancelled, state.enqueue(continuation, ticket: ticket, of: holder) else {
                        return (false, false, Full(retryAfter: state.expectedWait))
                    }
                    // Whoever finds the queue at rest starts its task, which ends with the queue.
                    return (true, state.startsDraining(), Full(retryAfter: .zero))
                }
                if !isIn { continuation.resume(throwing: Task.isCancelled ? CancellationError() : full as any Error) }
                // Unstructured, because it serves all that wait: it must not end when the first of them is cancelled.
                if isFirst { Task { await drain() } }
            }
        } onCancel: {
            let waiting = state.withLock { $0.cancel(ticket) }
            waiting?.resume(throwing: CancellationError())
        }
    }

    private func drain() async {
        while true {
            let step = state.withLock { $0.next(at: clock()) }
            switch step {
            case .begin(let continuation): continuation.resume()
            case .wait(let time): await sleep(time)
            case .rest: return
            }
        }
    }
}

/// The state of a ``PacedQueue``.
///
/// The owner resumes the waiters that it returns.
package struct PacedQueueState<Waiter> {
    /// What the owner has to do next.
    package enum Step {
        /// Let a call begin.
        case begin(Waiter)
        /// Ask again after this time.
        case wait(Duration)
        /// Nothing: no call waits.
        case rest
    }

    private let interval: Duration
    private let burst: Int
    private var shares: FairShares<String>
    private var waiting: [String: Deque<(ticket: UInt64, waiter: Waiter)>] = [:]
    /// The holders with calls that wait, the one whose turn it is first.
    private var turns = Deque<String>()
    private var lastTicket: UInt64 = 0
    private var isDraining = false
    /// When the calls of the past would have begun without any burst: the next may begin `burst - 1` intervals before it is due.
    private var due: ContinuousClock.Instant?

    /// - Parameters:
    ///   - interval: the time between two calls.
    ///   - burst: how many calls may begin at once after a pause.
    ///   - capacity: the most calls that wait.
    package init(interval: Duration, burst: Int, capacity: Int) {
        self.interval = interval
        self.burst = burst
        shares = FairShares(capacity: capacity)
    }

    /// The number of waiters.
    package var count: Int { shares.total }

    /// How long a call that came now would wait, about.
    package var expectedWait: Duration { interval * max(1, shares.total) }

    /// Returns a number that identifies a waiter, with which it may give up.
    package mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    /// Adds a waiter.
    ///
    /// - Returns: false where the queue is full, or the holder has its share of it.
    package mutating func enqueue(_ waiter: Waiter, ticket: UInt64, of holder: String) -> Bool {
        guard shares.take(1, for: holder) else { return false }
        if waiting[holder] == nil { turns.append(holder) }
        waiting[holder, default: []].append((ticket, waiter))
        return true
    }

    /// Whether the caller has to call ``next(at:)``, since no other one does.
    package mutating func startsDraining() -> Bool {
        defer { isDraining = true }
        return !isDraining
    }

    /// Removes and returns a waiter that does not wait any longer; `nil` where it has had its turn.
    package mutating func cancel(_ ticket: UInt64) -> Waiter? {
        for (holder, queue) in waiting {
            guard let index = queue.firstIndex(where: { $0.ticket == ticket }) else { continue }
            let waiter = waiting[holder]?.remove(at: index).waiter
            shares.release(1, of: holder)
            if waiting[holder]?.isEmpty ?? true {
                waiting[holder] = nil
                turns.removeAll { $0 == holder }
            }
            return waiter
        }
        return nil
    }

    /// Removes and returns the waiter whose turn it is, or how long there is none.
    package mutating func next(at now: ContinuousClock.Instant) -> Step {
        guard let holder = turns.first else {
            isDraining = false
            return .rest
        }
        let due = max(due ?? now, now)
        let early = due - now - interval * (burst - 1)
        guard early <= .zero else { return .wait(early) }
        self.due = due + interval
        turns.removeFirst()
        guard let waiter = waiting[holder]?.popFirst()?.waiter else { return .wait(.zero) }
        shares.release(1, of: holder)
        if waiting[holder]?.isEmpty ?? true { waiting[holder] = nil } else { turns.append(holder) }
        return .begin(waiter)
    }
}

extension PacedQueueState: Sendable where Waiter: Sendable {}
