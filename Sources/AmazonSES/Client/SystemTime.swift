import FoundationEssentials
import MailModel

extension Timestamp {
    /// The time of this machine's clock.
    static func systemNow() -> Timestamp {
        Timestamp(Date())
    }

    init(_ date: Date) {
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
