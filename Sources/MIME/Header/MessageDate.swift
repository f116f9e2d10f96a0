import MailModel

/// The date of a header (RFC 5322 section 3.3), in UTC.
enum MessageDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Thu, 1 Jan 1970 00:00:00 +0000`
    static func text(for time: Timestamp) -> String {
        let day = time.day
        let date = day.civil
        // 1970-01-01, day 0, was a Thursday.
        let weekday = weekdays[Int((day.number % 7 + 7) % 7)]
        let seconds = (time.milliseconds - day.start.milliseconds) / 1000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(weekday), \(date.day) \(months[Int(date.month) - 1]) \(date.year) \(clock) +0000"
    }
}
