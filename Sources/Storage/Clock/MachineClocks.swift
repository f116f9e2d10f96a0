import Glibc
package import MailModel

/// The two clocks of a machine, for who needs to compare them; a test passes its own.
package struct MachineClocks: Sendable {
    /// The wall clock: what the machine takes for the present time. An administrator or a time server may set it.
    package var wall: @Sendable () -> Timestamp
    /// Nanoseconds since the machine was started. Never set; it goes on while the machine sleeps.
    package var monotonic: @Sendable () -> Int64

    package init(wall: @escaping @Sendable () -> Timestamp, monotonic: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Those of this machine.
    package static let system = MachineClocks(
        wall: { Timestamp(milliseconds: nanoseconds(CLOCK_REALTIME) / 1_000_000) },
        monotonic: { nanoseconds(CLOCK_BOOTTIME) })

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A server's time as a client reads it: the server said `time` at some moment between the question and its answer.
struct ClockReading: Sendable, Equatable {
    /// Nanoseconds since 1970, by the server.
    var time: Int64
    /// When it was asked and when the answer was there, by the client's monotonic clock, in nanoseconds.
    var asked: Int64
    var answered: Int64

    /// What follows from a reading for a client that believes the server's time to be `origin` plus its own monotonic clock.
    enum Correction: Equatable {
        /// The belief lies within what the reading allows.
        case none
        /// The clocks have drifted apart a little.
        case drift(newOrigin: Int64)
        /// The server's clock was set, or another server answers.
        case set(newOrigin: Int64)
    }

    /// More than this does not come from drift between two readings.
    static let largestDrift: Int64 = 1_000_000_000

    func correction(of origin: Int64) -> Correction {
        guard origin < time - answered || origin > time - asked else { return .none }
        let newOrigin = time - asked - (answered - asked) / 2
        return abs(newOrigin - origin) <= Self.largestDrift ? .drift(newOrigin: newOrigin) : .set(newOrigin: newOrigin)
    }
}
