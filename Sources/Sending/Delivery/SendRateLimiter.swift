/// Limits how many messages are sent, so that no second sees more than the provider allows.
///
/// Two limits apply together: a token bucket spreads the messages evenly, with a little credit for a late start; and a sliding window
/// counts the messages of the last second, so that the credit never exceeds the rate. SES counts messages when they arrive, hence the
/// window is a little longer than a second.
///
/// Times are monotonic, so that a step of the wall clock has no effect.
struct SendRateLimiter: Sendable {
    /// Longer than a second by as much as the network may bring messages closer together.
    static let window: Duration = .milliseconds(1015)
    /// The part of the rate that fills a window: calls that a busy machine sends late arrive among those of the next second.
    static let headroom = 0.98
    /// How much of a second's messages may be caught up at once.
    static let credit: Duration = .milliseconds(40)

    /// Messages per second; `nil` for no limit.
    private(set) var rate: Double?
    /// The part of the rate that is used: less than 1 after the provider has throttled.
    private var share = 1.0
    private var shareChangedAt: ContinuousClock.Instant?
    private var tokens = 1.0
    private var lastRefill: ContinuousClock.Instant?
    /// The messages within the window, oldest first.
    private var recent: [(at: ContinuousClock.Instant, count: Int)] = []

    init(rate: Double? = nil) {
        self.rate = rate
    }

    mutating func setRate(_ newRate: Double?) {
        rate = newRate
    }

    /// The provider throttles: reduces the rate by 30 %, at most once a second.
    mutating func slowDown(at now: ContinuousClock.Instant) {
        if let changed = shareChangedAt, now - changed < .seconds(1) { return }
        share = max(0.05, share * 0.7)
        shareChangedAt = now
    }

    /// Acquires permits for up to `wanted` messages.
    ///
    /// - Returns: how many may be sent, and, where that is none, how long to wait before asking again.
    mutating func acquire(upTo wanted: Int, at now: ContinuousClock.Instant) -> (granted: Int, wait: Duration) {
        guard let rate else { return (wanted, .zero) }
        guard rate > 0 else { return (0, .seconds(1)) }
        recover(at: now)
        let usedRate = rate * share
        let elapsed = lastRefill.map { max(.zero, now - $0) / .seconds(1) } ?? 0
        lastRefill = now
        tokens = min(tokens + elapsed * usedRate, 1 + usedRate * (Self.credit / .seconds(1)))
        forget(before: now - Self.window)
        let leftInWindow = max(1, Int((usedRate * Self.headroom).rounded(.up))) - recent.reduce(0) { $0 + $1.count }
        let granted = min(wanted, Int(tokens), leftInWindow)
        guard granted > 0 else {
            let untilWindowMoves = recent.first.map { $0.at + Self.window - now } ?? .zero
            return (0, max(.milliseconds(2), leftInWindow > 0 ? .seconds((1 - tokens) / usedRate) : untilWindowMoves))
        }
        tokens -= Double(granted)
        recent.append((now, granted))
        return (granted, .zero)
    }

    /// Returns permits that were not used.
    mutating func release(_ unused: Int) {
        guard rate != nil, unused > 0, let last = recent.indices.last else { return }
        tokens += Double(unused)
        recent[last].count -= unused
    }

    /// Raises the share again, by a twentieth of the rate per second.
    private mutating func recover(at now: ContinuousClock.Instant) {
        guard share < 1, let changed = shareChangedAt, now - changed >= .seconds(1) else { return }
        share = min(1, share + 0.05)
        shareChangedAt = now
    }

    private mutating func forget(before time: ContinuousClock.Instant) {
        let old = recent.prefix { $0.at <= time }.count
        recent.removeFirst(old)
    }
}

/// Spaces the calls to the provider, so that calls which were delayed on their way do not begin all at once.
///
/// The ``SendRateLimiter`` limits claims. Between a claim and its calls lies a commit, whose duration varies. Times are monotonic: by the
/// wall clock, a step back would make every later call wait for the time before the step.
struct CallSpacing: Sendable {
    /// When the calls of the last window begin, in order; the last ones may be in the future.
    private var times: [ContinuousClock.Instant] = []

    /// Plans one call.
    ///
    /// - Parameters:
    ///   - limit: the most calls within a window.
    ///   - latest: the latest time at which the call may begin.
    /// - Returns: how long the call has to wait; `nil` when it would begin later than that, in which case it is not planned.
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
