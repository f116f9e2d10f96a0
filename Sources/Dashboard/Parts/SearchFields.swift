import MailModel
import Web

/// The fields of a search form as they were typed, and what is not valid about them.
struct SearchFields: Sendable {
    /// What is not valid, in a sentence; there is no search then.
    private(set) var problem: String?
    private let texts: [String: String]

    /// - Parameter names: the fields of the form.
    init(_ query: Query, _ names: [String]) {
        texts = Dictionary(uniqueKeysWithValues: names.compactMap { name in query.text(name).map { (name, $0) } })
    }

    /// The text of a field; empty where it is not given.
    func text(_ name: String) -> String { texts[name] ?? "" }

    /// The text of a field; `nil` where it is not given.
    func given(_ name: String) -> String? { texts[name] }

    /// The names of the fields that are given.
    var names: some Collection<String> { texts.keys }

    var isEmpty: Bool { texts.isEmpty }

    /// Reads a field; `nil` where it is not given, or not valid, which becomes the problem unless there is one.
    mutating func read<Value>(_ name: String, _ complaint: String, _ read: (String) -> Value?) -> Value? {
        guard let text = texts[name] else { return nil }
        let value = read(text)
        if value == nil { problem = problem ?? complaint + "." }
        return value
    }

    /// Reads the fields `since` and `until`, of which both are days that belong to the range.
    mutating func readDays() -> (since: Timestamp?, until: Timestamp?) {
        let since = read("since", "The first day is no date, such as 2026-01-31", Self.midnight)
        let until = read("until", "The last day is no date, such as 2026-01-31", Self.midnight)
        return (since, until.map { $0 + .seconds(86_400) })
    }

    private static func midnight(_ date: String) -> Timestamp? {
        Timestamp(rfc3339: date + "T00:00:00Z")
    }
}
