import Glibc
package import MailModel

/// The machine's clocks, for those who pass the time on: rules have none of their own, and what is stored goes by the database's
/// (`Store.now`).
package enum SystemClock {
    /// The wall clock, for lines of the log. It may be wrong, and may be set at any time.
    package static func now() -> Timestamp {
        read(CLOCK_REALTIME)
    }

    /// Since the machine was started. It is never set: for how long something is kept or takes, and for nothing else.
    package static func uptime() -> Timestamp {
        read(CLOCK_BOOTTIME)
    }

    private static func read(_ clock: clockid_t) -> Timestamp {
        var time = timespec()
        clock_gettime(clock, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
