import Synchronization

/// Limits a warning to one line in ten seconds: a failure of one request is one of thousands.
///
/// The lines that are left out are counted, and their number is logged with the next one.
package final class LogThrottle: Sendable {
    private struct State {
        var last: ContinuousClock.Instant?
        var suppressed = 0
    }

    private let state = Mutex(State())
    private let interval: Duration

    /// Creates a throttle.
    ///
    /// - Parameter interval: the least time between two lines.
    package init(interval: Duration = .seconds(10)) {
        self.interval = interval
    }

    /// Logs a line, unless another one was logged within the interval.
    ///
    /// - Parameter line: logs it; gets the number of lines that were left out since the last one.
    package func log(at now: ContinuousClock.Instant = .now, _ line: (Int) -> Void) {
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
