import MailModel
import Synchronization

/// The `Date` header field of answers (RFC 9110, section 5.6.7), made once a second.
final class HTTPDateCache: Sendable {
    private let made = Mutex((second: Int64.min, text: ""))
    private let clock: @Sendable () -> Timestamp

    /// - Parameter clock: the wall clock, by which clients know the field.
    init(clock: @escaping @Sendable () -> Timestamp) {
        self.clock = clock
    }

    /// The present time, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    var current: String {
        let now = clock()
        let second = now.milliseconds / 1000
        return made.withLock { made in
            if made.second != second { made = (second, now.httpDate) }
            return made.text
        }
    }
}
