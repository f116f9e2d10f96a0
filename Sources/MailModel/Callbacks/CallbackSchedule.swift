/// When a callback that failed is tried again (specification 7.1).
package enum CallbackSchedule {
    /// The waits after the first failed attempt, the second, ….
    package static let delays: [Duration] = [
        .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600), .seconds(10 * 3600),
    ]

    /// From the first attempt to the last: 27 hours, 35 minutes and 5 seconds.
    package static let span = delays.reduce(.zero, +)

    /// When to try again; `nil` when it was tried often enough: the delivery is parked.
    ///
    /// - Parameters:
    ///   - failures: how many attempts failed so far, at least 1.
    ///   - now: when the last one failed.
    package static func nextAttempt(afterFailures failures: Int, now: Timestamp) -> Timestamp? {
        delays.indices.contains(failures - 1) ? now + delays[failures - 1] : nil
    }
}
