import Concurrency
import MailModel

/// Counts the failed authentications of each address, against guessing of tokens (specification 2.3).
///
/// Only failures are limited: a valid token is accepted also from an address that others abuse.
struct FailureThrottle {
    /// The failures of an address within ``window`` that are answered 401; further ones are answered 429.
    static let limit = 10
    static let window = Duration.seconds(60)
    /// The maximum of addresses counted; the one whose window began first is removed for the next.
    static let capacity = 65_536

    private struct Failures {
        var count: Int
        var since: Timestamp
    }

    private var addresses = BoundedCache<String, Failures>(capacity: capacity)

    /// Counts a failure.
    ///
    /// - Returns: seconds to wait, at least 1, when the address has failed too often.
    mutating func recordFailure(of address: String, at now: Timestamp) -> Int64? {
        guard var failures = addresses[address], !isOver(failures, at: now) else {
            addresses.insert(Failures(count: 1, since: now), for: address)
            return nil
        }
        failures.count += 1
        addresses.update(failures, for: address)
        guard failures.count > Self.limit else { return nil }
        return max(1, ((failures.since + Self.window - now).milliseconds + 999) / 1000)
    }

    /// A clock that was set back ends the window too: no address is limited for longer than it lasts.
    private func isOver(_ failures: Failures, at now: Timestamp) -> Bool {
        now >= failures.since + Self.window || now < failures.since
    }
}
