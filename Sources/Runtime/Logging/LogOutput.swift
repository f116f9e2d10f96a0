import Glibc
package import MailModel
import Synchronization

/// The output of log lines, shared by all loggers.
///
/// Lines are written one by one under a lock, so that they never mix. Formatting a date costs more than the rest of a line, so the part down
/// to the second is cached for that second.
package final class LogOutput: Sendable {
    private let sink: @Sendable ([UInt8]) -> Void
    private let clock: @Sendable () -> Timestamp
    private let secondText = Mutex(SecondText())

    private struct SecondText {
        var second: Int64 = .min
        /// The text up to the milliseconds, as `2026-01-31T23:59:59` and a full stop.
        var prefix = ""

        mutating func text(of time: Timestamp) -> String {
            let (second, milliseconds) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
            if second != self.second {
                self.second = second
                prefix = String(time.description.prefix(20))
            }
            return prefix + (milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "") + String(milliseconds) + "Z"
        }
    }

    /// Creates an output.
    ///
    /// - Parameters:
    ///   - clock: returns the present time, after 1970.
    ///   - sink: writes a whole line. It is called under the lock.
    package init(clock: @escaping @Sendable () -> Timestamp, sink: @escaping @Sendable ([UInt8]) -> Void) {
        self.clock = clock
        self.sink = sink
    }

    /// Returns an output to standard error.
    package static func standardError(clock: @escaping @Sendable () -> Timestamp) -> LogOutput {
        LogOutput(clock: clock) { StandardStream.error.write($0) }
    }

    /// Writes a line.
    ///
    /// - Parameter line: renders the line, with the time that it is passed.
    func write(_ line: (String) -> [UInt8]) {
        secondText.withLock { text in
            sink(line(text.text(of: clock())))
        }
    }
}

/// The clocks of this machine, read where time is passed on to others.
///
/// Stored times are those of the database (`Store.now`).
package enum SystemClock {
    /// Returns the time of the wall clock, for log lines.
    ///
    /// It may be wrong, and may be set at any time.
    package static func now() -> Timestamp {
        read(CLOCK_REALTIME)
    }

    /// Returns the time since the machine was started, by a clock that is never set.
    ///
    /// It measures durations and expiry, and dates nothing.
    package static func uptime() -> Timestamp {
        read(CLOCK_BOOTTIME)
    }

    private static func read(_ clock: clockid_t) -> Timestamp {
        var time = timespec()
        clock_gettime(clock, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
