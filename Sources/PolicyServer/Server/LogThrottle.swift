import Synchronization

/// Lets one line through in ten seconds: what fails for one request fails for thousands.
final class LogThrottle: Sendable {
    private struct State {
        var last: ContinuousClock.Instant?
        var suppressed = 0
    }

    private let state = Mutex(State())
    private let interval: Duration

    init(interval: Duration = .seconds(10)) {
        self.interval = interval
    }

    /// - Parameter line: logs; gets how many lines were passed over since the last.
    func log(at now: ContinuousClock.Instant = .now, _ line: (Int) -> Void) {
        let suppressed = state.withLock { state -> Int? in
            if let last = state.last, now - last < interval {
                state.suppressed += 1
                return nil
            }
            defer { state = State(last: now) }
            return state.suppressed
        }
        if let suppressed { line(suppressed) }
    }
}
