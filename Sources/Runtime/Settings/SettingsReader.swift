import Configuration
import MailModel

/// Reads settings one by one, and remembers what was asked for and what was wrong, so that all faults are told at once.
struct SettingsReader {
    private let values: ConfigReader
    /// Where a value that is not in the environment came from.
    private let source: SettingsSource
    private(set) var descriptions: [SettingDescription] = []
    private(set) var problems: [String] = []

    init(_ source: SettingsSource) {
        self.source = source
        values = ConfigReader(providers: source.providers).scoped(to: "martlet")
    }

    /// Reads one setting.
    ///
    /// - Parameters:
    ///   - key: the name in a configuration file.
    ///   - fallback: the value when none is given.
    ///   - shown: the default as one would write it.
    ///   - expected: what a value looks like, to go behind "expected".
    ///   - parse: `nil` for text that is not such a value.
    mutating func value<Value>(
        _ key: String, default fallback: Value, shown: String?, expected: String, isSecret: Bool = false, _ meaning: String,
        parse: (String) -> Value?
    ) -> Value {
        let description = SettingDescription(
            key: key, variable: SettingDescription.variable(of: key), fallback: shown, expected: expected, meaning: meaning,
            isSecret: isSecret)
        descriptions.append(description)
        // All providers hold text, so this getter has no malformed value to swallow.
        guard let text = values.string(forKey: ConfigKey(key), isSecret: isSecret) else { return fallback }
        if let value = parse(text) { return value }
        problems.append("\(source.name(of: description)) \(isSecret ? "is malformed" : "is \(shownValue(text))"): expected \(expected)")
        return fallback
    }

    /// Reads a setting that may be absent.
    mutating func optional<Value>(
        _ key: String, expected: String, isSecret: Bool = false, _ meaning: String, parse: (String) -> Value?
    ) -> Value? {
        // Without the `map` a `nil` for "malformed" would be promoted to a valid "absent".
        value(key, default: nil, shown: nil, expected: expected, isSecret: isSecret, meaning) { text in parse(text).map(Optional.some) }
    }

    /// Reads a secret that is said as `Authorization: Bearer`.
    mutating func token(_ key: String, _ meaning: String) -> String? {
        optional(key, expected: "16 to 512 visible ASCII characters", isSecret: true, meaning) { text in
            (16...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
    }

    /// Quoted and escaped, cut where it is long.
    private func shownValue(_ text: String) -> String {
        text.count > 80 ? text.prefix(80).debugDescription + "…" : text.debugDescription
    }
}

extension SettingsReader {
    mutating func text(_ key: String, default fallback: String, expected: String, _ meaning: String, isValid: (String) -> Bool) -> String {
        value(key, default: fallback, shown: fallback, expected: expected, meaning) { isValid($0) ? $0 : nil }
    }

    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, default: fallback, shown: String(fallback), expected: expected, meaning) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func seconds(_ key: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String) -> Duration {
        .seconds(integer(key, default: fallback, in: range, meaning))
    }

    mutating func flag(_ key: String, default fallback: Bool, _ meaning: String) -> Bool {
        value(key, default: fallback, shown: String(fallback), expected: "true or false", meaning) { text in
            ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][text.lowercased()]
        }
    }

    /// One of the cases by its raw value.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default fallback: Choice, expected: String? = nil, _ meaning: String
    ) -> Choice {
        let expected = expected ?? "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, default: fallback, shown: fallback.rawValue, expected: expected, meaning) { Choice(rawValue: $0) }
    }

    /// A comma-separated list; `nil` from `parse` makes the whole list malformed.
    mutating func list<Element>(
        _ key: String, default fallback: [Element], shown: String?, expected: String, _ meaning: String, parse: (String) -> Element?
    ) -> [Element] {
        value(key, default: fallback, shown: shown, expected: expected, meaning) { text in
            let parts = commaSeparated(text)
            let elements = parts.compactMap(parse)
            return elements.count == parts.count ? elements : nil
        }
    }
}

/// The parts without the white space around them; no parts in text without any.
private func commaSeparated(_ text: String) -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
    return parts == [""] ? [] : parts
}
