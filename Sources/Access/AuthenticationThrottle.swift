import Concurrency
import MailModel

/// Where a caller is, for the throttle: what counts as one client (``IPAddress/client(of:)``).
struct ClientNetwork: Hashable, Sendable {
    private let name: String

    /// - Parameter address: a client's address without its port, or `local` for a unix socket.
    init(_ address: String) {
        name = IPAddress.client(of: address)
    }
}

/// Decides which tokens are looked up, against guessing (specification 2.3).
///
/// A network has ``limit`` failures within ``window``. After that only tokens are looked up that were used from there within ``memory``: all others
/// are refused until the window ends, whether or not they are valid. So no guess, even a right one, is answered differently.
///
/// A pure state machine: times are passed in, by a monotonic clock. Its memory is bounded by ``capacity``.
struct AuthenticationThrottle {
    typealias Instant = ContinuousClock.Instant

    /// The failures of a network within ``window`` after which it is limited.
    static let limit = 10
    static let window = Duration.seconds(60)
    /// How long a token is known where it was used.
    static let memory = Duration.seconds(3600)
    /// The maximum of networks whose failures are counted, and of uses that are known; the oldest is removed for the next.
    static let capacity = 65_536

    /// A token, and where it is used.
    struct Attempt: Hashable {
        var token: TokenHash
        var network: ClientNetwork
    }

    enum Admission: Equatable {
        /// The token was used from there before.
        case known
        /// The token may be looked up. The attempt counts as a failure until it is settled by ``release(_:)``.
        case reserved
        /// As many tokens are being looked up for the network as it may have failures: wait until one is settled.
        case full
        /// The network is limited for so many more seconds, at least 1.
        case refused(retryAfter: Int64)
    }

    private struct Failures {
        var count: Int
        var since: Instant
    }

    private var failures = BoundedCache<ClientNetwork, Failures>(capacity: capacity)
    private var reservations: [ClientNetwork: Int] = [:]
    private var uses = BoundedCache<Attempt, Instant>(capacity: capacity)

    /// Decides about an attempt.
    ///
    /// A known token is used with it, until ``forget(_:)``.
    mutating func admit(_ attempt: Attempt, at now: Instant) -> Admission {
        if useKnown(attempt, at: now) { return .known }
        if let wait = wait(for: attempt.network, at: now) { return .refused(retryAfter: wait) }
        guard !isFull(attempt.network, at: now) else { return .full }
        reservations[attempt.network, default: 0] += 1
        return .reserved
    }

    /// Whether a token was used there before; it is used with it.
    mutating func useKnown(_ attempt: Attempt, at now: Instant) -> Bool {
        guard let usedAt = uses[attempt], now - usedAt < Self.memory else { return false }
        uses.update(now, for: attempt)
        return true
    }

    /// Whether as many tokens are being looked up for a network as it may still have failures.
    func isFull(_ network: ClientNetwork, at now: Instant) -> Bool {
        let reserved = reservations[network] ?? 0
        return reserved > 0 && reserved + count(of: network, at: now) >= Self.limit
    }

    /// Settles a reservation, after its outcome was recorded.
    mutating func release(_ network: ClientNetwork) {
        guard let reserved = reservations[network] else { return }
        reservations[network] = reserved > 1 ? reserved - 1 : nil
    }

    /// Records that a token which was not known there is valid.
    mutating func recordUse(_ attempt: Attempt, at now: Instant) {
        uses.insert(now, for: attempt)
    }

    /// Forgets a token that is not valid any more.
    mutating func forget(_ attempt: Attempt) {
        uses.remove(attempt)
    }

    /// Counts a failure.
    ///
    /// - Returns: seconds to wait, at least 1, when the network had as many failures before as it may have.
    mutating func recordFailure(of network: ClientNetwork, at now: Instant) -> Int64? {
        let wait = wait(for: network, at: now)
        let earlier = count(of: network, at: now)
        if earlier > 0, var counted = failures[network] {
            counted.count = earlier + 1
            failures.update(counted, for: network)
        } else {
            failures.insert(Failures(count: 1, since: now), for: network)
        }
        return wait
    }

    /// Returns the seconds for which a network is still limited; `nil` when it is not.
    func wait(for network: ClientNetwork, at now: Instant) -> Int64? {
        guard count(of: network, at: now) >= Self.limit, let counted = failures[network] else { return nil }
        return max(1, ((counted.since + Self.window - now).milliseconds + 999) / 1000)
    }

    /// The failures of a network in its present window.
    private func count(of network: ClientNetwork, at now: Instant) -> Int {
        guard let counted = failures[network], now - counted.since < Self.window else { return 0 }
        return counted.count
    }
}
