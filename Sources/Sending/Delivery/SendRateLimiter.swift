/// Says how many messages may go now, so that no second ever sees more than the provider allows.
///
/// Two bounds hold together. The messages are spread evenly, with a little credit for a late start; and the last second
/// is counted message by message, so that the credit can never add up to more than the rate. SES counts where the
/// messages arrive, hence the window is a little longer than a second.
///
/// Its time is monotonic: a step of the wall clock neither stops it nor lets more through.
struct SendRateLimiter: Sendable {
    /// Longer than a second by what the network may bring messages closer together.
    static let window: Duration = .milliseconds(1015)
    /// What of the rate fills a window: calls that a busy machine sends late arrive among the next second's.
    static let headroom = 0.98
    /// How much of a second's messages may be caught up at once.
    static let credit: Duration = .milliseconds(40)

    /// Messages per second; `nil` is as fast as it goes.
    private(set) var rate: Double?
    /// What of the rate is used: less after the provider complained.
    private var share = 1.0
    private var shareChangedAt: ContinuousClock.Instant?
    private var available = 1.0
    private var lastTaken: ContinuousClock.Instant?
    /// When how many went, oldest first, within the window.
    private var recent: [(at: ContinuousClock.Instant, count: Int)] = []

    init(rate: Double? = nil) {
        self.rate = rate
    }

    mutating func setRate(_ newRate: Double?) {
        rate = newRate
    }

    /// The provider asks for a slower pace: 30 % less, and no further cut within the same second.
    mutating func slowDown(at now: ContinuousClock.Instant) {
        if let changed = shareChangedAt, now - changed < .seconds(1) { return }
        share = max(0.05, share * 0.7)
        shareChangedAt = now
    }

    /// Takes room for up to `wanted` messages.
    ///
    /// - Returns: how many may go, and, where that is none, how long to wait before asking again.
    mutating func take(upTo wanted: Int, at now: ContinuousClock.Instant) -> (granted: Int, wait: Duration) {
        guard let rate else { return (wanted, .zero) }
        guard rate > 0 else { return (0, .seconds(1)) }
        recover(at: now)
        let pace = rate * share
        let elapsed = lastTaken.map { max(.zero, now - $0) / .seconds(1) } ?? 0
        lastTaken = now
        available = min(available + elapsed * pace, 1 + pace * (Self.credit / .seconds(1)))
        forget(before: now - Self.window)
        let room = max(1, Int((pace * Self.headroom).rounded(.up))) - recent.reduce(0) { $0 + $1.count }
        let granted = min(wanted, Int(available), room)
        guard granted > 0 else {
            let untilWindowMoves = recent.first.map { $0.at + Self.window - now } ?? .zero
            return (0, max(.milliseconds(2), room > 0 ? .seconds((1 - available) / pace) : untilWindowMoves))
        }
        available -= Double(granted)
        recent.append((now, granted))
        return (granted, .zero)
    }

    /// Gives back what was taken and not used.
    mutating func giveBack(_ unused: Int) {
        guard rate != nil, unused > 0, let last = recent.indices.last else { return }
        available += Double(unused)
        recent[last].count -= unused
    }

    /// The share grows back by a twentieth of the rate a second.
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
