import MailModel

/// A point in time, `{{#at}}{{>moment}}{{/at}}`: UTC for all, and the reader's own time where there is script.
struct TimestampView: Sendable {
    /// For programs.
    let iso: String
    let text: String

    init(_ time: Timestamp) {
        iso = time.description
        text = Format.time(time)
    }
}
