import MailModel

/// The meaning of a view, for its colour.
enum Tone: String, Sendable {
    case good, warning, bad, neutral
}

/// A word in a coloured field, `{{#…}}{{>badge}}{{/…}}`.
struct Badge: Sendable {
    let text: String
    /// The raw value of a ``Tone``, for the style sheet.
    let tone: String

    init(_ text: String, _ tone: Tone) {
        self.text = text
        self.tone = tone.rawValue
    }
}

/// A link with its text.
struct Link: Sendable {
    let text: String
    let href: String
}

/// A point in time, `{{#at}}{{>timestamp}}{{/at}}`: in UTC, and with a script in the reader's own time zone by a switch.
struct TimestampView: Sendable {
    /// RFC 3339, for the script.
    let iso: String
    let text: String

    /// - Parameter isExact: whether it is shown to the millisecond.
    init(_ time: Timestamp, isExact: Bool = false) {
        iso = time.description
        text = isExact ? Format.exactTime(time) : Format.time(time)
    }
}

/// A text with a button that copies it, `{{#value}}{{>copy}}{{/value}}`.
///
/// Without a script there is no button.
struct CopyButton: Sendable {
    let text: String
    /// What is copied, for the button's label: `the value of …`.
    let name: String
}
