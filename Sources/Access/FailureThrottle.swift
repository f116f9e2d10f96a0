import MailModel

/// Counts the failed authentications of each address, so that nobody tries tokens at speed (specification 2.3).
///
/// Only failures are held up: whoever comes with a valid token is let in, also from an address that others abuse.
struct FailureThrottle {
    /// How many failures an address may have in a window before they are answered 429.
    static let limit = 10
    static let window = Duration.seconds(60)
    /// Beyond this many addresses at once the count is started anew: memory is bounded, and who owns so many is not held up by any count.
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
        if addresses.count >= Self.capacity, addresses[address] == nil { makeRoom(at: now) }
        var failures = addresses[address] ?? Failures(since: now)
        if isOver(failures, at: now) { failures = Failures(since: now) }
        failures.count += 1
        addresses[address] = failures
        guard failures.count > Self.limit else { return nil }
        return max(1, ((failures.since + Self.window - now).milliseconds + 999) / 1000)
    }

    private mutating func makeRoom(at now: Timestamp) {
        addresses = addresses.filter { !isOver($0.value, at: now) }
        if addresses.count >= Self.capacity { addresses.removeAll() }
    }

    /// A clock that stepped back ends the window too: nobody is held up for longer than it lasts.
    private func isOver(_ failures: Failures, at now: Timestamp) -> Bool {
        now >= failures.since + Self.window || now < failures.since
    }
}
