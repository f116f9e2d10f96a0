import MailModel

/// When each call may be made, so that calls which were held up on their way do not leave all at once.
///
/// The ``Pacer`` paces claims. Between a claim and its calls lies a commit, which takes now shorter, now longer.
struct CallSchedule: Sendable {
    /// Of the calls of the last window, in order; the last ones may lie ahead.
    private var times: [Timestamp] = []

    /// Plans one call.
    ///
    /// - Parameter limit: how many calls a window may see.
    /// - Returns: how long the call has to wait.
    mutating func plan(limit: Int, at now: Timestamp) -> Duration {
        times.removeFirst(times.prefix { $0 <= now - Pacer.window }.count)
        let limit = max(1, limit)
        let earliest = times.count >= limit ? times[times.count - limit] + Pacer.window : now
        let time = max(now, earliest, times.last ?? now)
        times.append(time)
        return time - now
    }
}
