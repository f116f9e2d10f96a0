/// The dates of header fields, which name the day of the week.
extension Timestamp {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The date of a message (RFC 5322, section 3.3), in UTC: `Thu, 1 Jan 1970 00:00:00 +0000`.
    package var messageDate: String {
        "\(weekday), \(day.civil.day) \(monthAndYear) \(timeOfDay) +0000"
    }

    /// The date of an HTTP answer (RFC 9110, section 5.6.7): `Thu, 01 Jan 1970 00:00:00 GMT`.
    package var httpDate: String {
        "\(weekday), \(Self.twoDigits(Int64(day.civil.day))) \(monthAndYear) \(timeOfDay) GMT"
    }

    private var weekday: String {
        // 1970-01-01, day 0, was a Thursday.
        Self.weekdays[Int((day.number % 7 + 7) % 7)]
    }

    private var monthAndYear: String {
        let date = day.civil
        return "\(Self.months[Int(date.month) - 1]) \(date.year)"
    }

    private var timeOfDay: String {
        let seconds = (milliseconds - day.start.milliseconds) / 1000
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map(Self.twoDigits).joined(separator: ":")
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
