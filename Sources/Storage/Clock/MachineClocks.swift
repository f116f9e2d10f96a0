import Glibc
package import MailModel

/// The two clocks of a machine; tests pass their own.
package struct MachineClocks: Sendable {
    /// The wall clock, which an administrator or a time server may set.
    package var wall: @Sendable () -> Timestamp
    /// The monotonic clock: nanoseconds since the machine was started, including the time it was suspended.
    package var monotonic: @Sendable () -> Int64

    /// Clocks of these functions.
    package init(wall: @escaping @Sendable () -> Timestamp, monotonic: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// The clocks of this machine.
    package static let system = MachineClocks(
        wall: { Timestamp(milliseconds: nanoseconds(CLOCK_REALTIME) / 1_000_000) },
        monotonic: { nanoseconds(CLOCK_BOOTTIME) })

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A reading of a server's time: the server read `time` at some moment between the query and its answer.
struct ClockReading: Sendable, Equatable {
    /// The server's time in nanoseconds since 1970.
    var time: Int64
    /// When the query was sent, by the client's monotonic clock, in nanoseconds.
    var asked: Int64
    /// When the answer was received, by the same clock.
    var answered: Int64

    /// The correction of a client that computes the server's time as `origin` plus its own monotonic clock.
    enum Correction: Equatable {
        /// The computed time is within the bounds of the reading.
        case none
        /// The clocks have drifted apart a little.
        case drift(newOrigin: Int64)
        /// The server's clock was set, or another server answers.
        case set(newOrigin: Int64)
    }

    /// The largest difference in nanoseconds that drift between two readings causes.
    static let largestDrift: Int64 = 1_000_000_000

    func correction(of origin: Int64) -> Correction {
        guard origin < time - answered || origin > time - asked else { return .none }
        let newOrigin = time - asked - (answered - asked) / 2
        return abs(newOrigin - origin) <= Self.largestDrift ? .drift(newOrigin: newOrigin) : .set(newOrigin: newOrigin)
    }
}
