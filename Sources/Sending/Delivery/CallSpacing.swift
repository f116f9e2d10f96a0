/// When each call may be made, so that calls which were held up on their way do not leave all at once.
///
/// The ``SendRateLimiter`` paces claims. Between a claim and its calls lies a commit, which takes now shorter, now longer. Times are monotonic: with the wall
/// clock, a step back would make every later call wait for the time before the step.
struct CallSpacing: Sendable {
    /// Of the calls of the last window, in order; the last ones may lie ahead.
    private var times: [ContinuousClock.Instant] = []

    /// Plans one call.
    ///
    /// - Parameters:
    ///   - limit: how many calls a window may see.
    ///   - latest: when the call may begin at the latest.
    /// - Returns: how long the call has to wait; `nil` where its turn would come later than that, which takes no turn.
    mutating func plan(limit: Int, at now: ContinuousClock.Instant, notAfter latest: ContinuousClock.Instant) -> Duration? {
        times.removeFirst(times.prefix { $0 <= now - SendRateLimiter.window }.count)
        let limit = max(1, limit)
        let earliest = times.count >= limit ? times[times.count - limit] + SendRateLimiter.window : now
        let time = max(now, earliest, times.last ?? now)
        guard time <= latest else { return nil }
        times.append(time)
        return time - now
    }
}
