package import MailModel
import Synchronization

/// Where lines go: a file descriptor that several loggers share.
///
/// One `write` per line under a lock, so that lines never mix. Formatting a date costs more than the rest of a line, so the part down to the
/// second is made once a second.
package final class LogOutput: Sendable {
    private let sink: @Sendable ([UInt8]) -> Void
    private let clock: @Sendable () -> Timestamp
    private let secondText = Mutex(SecondText())

    private struct SecondText {
        var second: Int64 = .min
        /// `2026-01-31T23:59:59.`
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

    /// - Parameters:
    ///   - clock: the present time, after 1970.
    ///   - sink: takes whole lines, one after the other.
    package init(clock: @escaping @Sendable () -> Timestamp, sink: @escaping @Sendable ([UInt8]) -> Void) {
        self.clock = clock
        self.sink = sink
    }

    /// Lines to standard error.
    package static func standardError(clock: @escaping @Sendable () -> Timestamp) -> LogOutput {
        LogOutput(clock: clock) { StandardStream.error.write($0) }
    }

    func write(_ line: (String) -> [UInt8]) {
        secondText.withLock { text in
            sink(line(text.text(of: clock())))
        }
    }
}
