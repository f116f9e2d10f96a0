import MailModel

extension CalendarDay {
    /// `20150830`, the date of a credential scope.
    var amazonDate: String {
        let date = civil
        return digits(date.year, 4) + digits(date.month, 2) + digits(date.day, 2)
    }
}

extension Timestamp {
    /// `20150830T123600Z`, the value of the `X-Amz-Date` header.
    var amazonDateTime: String {
        let seconds = (milliseconds - day.start.milliseconds) / 1000
        return day.amazonDate + "T" + digits(seconds / 3600, 2) + digits(seconds / 60 % 60, 2) + digits(seconds % 60, 2) + "Z"
    }
}

private func digits(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
