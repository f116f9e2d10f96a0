import MailModel

/// Counts the failed authentications of each address, against guessing of tokens (specification 2.3).
///
/// Only failures are limited: a valid token is accepted also from an address that others abuse.
struct FailureThrottle {
    /// The failures of an address within ``window`` that are answered 401; further ones are answered 429.
    static let limit = 10
    static let window = Duration.seconds(60)
    /// The number of addresses at which all counts are cleared, so that memory is bounded.
    static let capacity = 65_536

    private struct Failures {
        var count = 0
        var since: Timestamp
    }

    private var addresses: [String: Failures] = [:]

    /// Counts a failure.
    ///
    /// - Returns: seconds to wait, at least 1, when the address has failed too often.
    mutating func recordFailure(of address: String, at now: Timestamp) -> Int64? {
        if addresses.count >= Self.capacity, addresses[address] == nil { removeExpired(at: now) }
        var failures = addresses[address] ?? Failures(since: now)
        if isOver(failures, at: now) { failures = Failures(since: now) }
        failures.count += 1
        addresses[address] = failures
        guard failures.count > Self.limit else { return nil }
        return max(1, ((failures.since + Self.window - now).milliseconds + 999) / 1000)
    }

    private mutating func removeExpired(at now: Timestamp) {
        addresses = addresses.filter { !isOver($0.value, at: now) }
        if addresses.count >= Self.capacity { addresses.removeAll() }
    }

    /// A clock that was set back ends the window too: no address is limited for longer than it lasts.
    private func isOver(_ failures: Failures, at now: Timestamp) -> Bool {
        now >= failures.since + Self.window || now < failures.since
    }
}
