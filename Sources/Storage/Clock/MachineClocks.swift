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
