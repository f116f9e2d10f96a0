import Concurrency
import DequeModule
import Glibc
import Synchronization

/// Threads for lookups that block: the system's resolver waits for name servers, and knows no other way.
///
/// A lookup has a thread of its own, which ends with it, so that a slow name delays no other one. Their number is bounded, and shared among
/// those for whom the lookups are made (``FairShares``): what exceeds a share waits, and delays no other's lookups.
package final class LookupThreads: Sendable {
    /// A lookup.
    ///
    /// - Parameter isActive: false where there is no thread for it, or not any more.
    package typealias Work = @Sendable (_ isActive: Bool) -> Void

    private struct State: Sendable {
        var running: FairShares<String>
        var waiting: [String: Deque<Work>] = [:]
        var isClosed = false

        /// The next lookup that waits and may run now, of whom it is for.
        mutating func next() -> (holder: String, work: Work)? {
            guard let holder = waiting.keys.first(where: { running.available(to: $0) > 0 }), let work = waiting[holder]?.popFirst() else {
                return nil
            }
            if waiting[holder]?.isEmpty ?? false { waiting[holder] = nil }
            running.add(1, to: holder)
            return (holder, work)
        }
    }

    /// Enough for what the C library puts there.
    private static let stackBytes = 512 << 10

    private let state: Mutex<State>

    /// - Parameter limit: the most threads at a time.
    package init(limit: Int) {
        state = Mutex(State(running: FairShares(capacity: limit)))
    }

    /// The number of lookups that are under way.
    package var count: Int { state.withLock { $0.running.total } }

    /// Runs a lookup, at once or when the holder's share allows.
    ///
    /// - Parameter holder: for whom the lookup is made.
    package func run(for holder: String, _ work: @escaping Work) {
        let mayStart = state.withLock { state -> Bool? in
            if state.isClosed { return nil }
            if state.waiting[holder] == nil, state.running.take(1, for: holder) { return true }
            state.waiting[holder, default: []].append(work)
            return false
        }
        switch mayStart {
        case true?: start(holder, work)
        case false?: break
        case nil: work(false)
        }
    }

    /// Ends the waiting of all lookups.
    ///
    /// Those that are under way go on by themselves.
    package func close() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isClosed = true
            return state.waiting.values.flatMap { $0 }
        }
        for work in waiting { work(false) }
    }

    /// Runs lookups on a new thread until none may run any more.
    private func start(_ holder: String, _ work: @escaping Work) {
        let isStarted = Self.startThread(stackBytes: Self.stackBytes) { [self] in
            work(true)
            finish(holder)
        }
        guard !isStarted else { return }
        work(false)
        finish(holder)
    }

    private func finish(_ holder: String) {
        let next = state.withLock { state in
            state.running.release(1, of: holder)
            return state.next()
        }
        if let next { start(next.holder, next.work) }
    }

    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    /// - Returns: false where the system has no further thread.
    private static func startThread(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        if code != 0 { argument.release() }
        return code == 0
    }
}
