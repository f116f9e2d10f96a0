import Configuration
import MailModel

/// The description of a setting, for `docs/configuration.md`, `martlet check-config --example` and messages.
struct SettingDescription: Sendable, Equatable {
    /// The name in a configuration file, such as `http.port`.
    var key: String
    /// The name in the environment, such as `MARTLET_HTTP_PORT`.
    var variable: String
    /// The default in the form of a value; `nil` where there is none.
    var fallback: String?
    /// What a value looks like: `a whole number from 1 to 65535`.
    var expected: String
    /// The meaning, in a sentence or more.
    var meaning: String
    /// Whether its value is never shown.
    var isSecret: Bool

    /// Returns `MARTLET_` and the key in capitals, with `_` for dots and before the capitals of camel case (specification 14.1).
    static func variable(of key: String) -> String {
        var name = "MARTLET_"
        var last: Character = "."
        for character in key {
            if last.isLowercase, character.isUppercase { name.append("_") }
            name.append(character == "." ? "_" : character.uppercased())
            last = character
        }
        return name
    }
}

/// The reader of single settings.
///
/// It collects their descriptions and all problems, which are reported together.
struct SettingsReader {
    private let values: ConfigReader
    /// Names the place of a value in messages.
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
    ///   - shown: the default in the form of a value.
    ///   - expected: what a value looks like, for a message "expected …".
    ///   - parse: returns `nil` for text that is no such value.
    mutating func value<Value>(
        _ key: String, default fallback: Value, shown: String?, expected: String, isSecret: Bool = false, _ meaning: String,
        parse: (String) -> Value?
    ) -> Value {
        let description = SettingDescription(
            key: key, variable: SettingDescription.variable(of: key), fallback: shown, expected: expected, meaning: meaning,
            isSecret: isSecret)
        descriptions.append(description)
        // All providers hold text: this getter never meets a value of another type, which it would report as absent.
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

    /// Reads a secret that is sent as `Authorization: Bearer`.
    mutating func token(_ key: String, _ meaning: String) -> String? {
        optional(key, expected: "16 to 512 visible ASCII characters", isSecret: true, meaning) { text in
            (16...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
    }

    /// Returns a value for a message: quoted, escaped, and cut after 80 characters.
    private func shownValue(_ text: String) -> String {
        text.count > 80 ? text.prefix(80).debugDescription + "…" : text.debugDescription
    }
}

extension SettingsReader {
    /// Reads a text.
    mutating func text(_ key: String, default fallback: String, expected: String, _ meaning: String, isValid: (String) -> Bool) -> String {
        value(key, default: fallback, shown: fallback, expected: expected, meaning) { isValid($0) ? $0 : nil }
    }

    /// Reads a whole number.
    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return value(key, default: fallback, shown: String(fallback), expected: expected, meaning) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Reads a number of seconds.
    mutating func seconds(_ key: String, default fallback: Int, in range: ClosedRange<Int>, _ meaning: String) -> Duration {
        .seconds(integer(key, default: fallback, in: range, meaning))
    }

    /// Reads `true`, `yes` or `1`, or `false`, `no` or `0`, in any case.
    mutating func flag(_ key: String, default fallback: Bool, _ meaning: String) -> Bool {
        value(key, default: fallback, shown: String(fallback), expected: "true or false", meaning) { text in
            ["true": true, "yes": true, "1": true, "false": false, "no": false, "0": false][text.lowercased()]
        }
    }

    /// Reads one of the cases by its raw value.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default fallback: Choice, expected: String? = nil, _ meaning: String
    ) -> Choice {
        let expected = expected ?? "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return value(key, default: fallback, shown: fallback.rawValue, expected: expected, meaning) { Choice(rawValue: $0) }
    }

    /// Reads a comma-separated list.
    ///
    /// An element for which `parse` returns `nil` makes the whole list malformed.
    mutating func list<Element>(
        _ key: String, default fallback: [Element], shown: String?, expected: String, _ meaning: String, parse: (String) -> Element?
    ) -> [Element] {
        value(key, default: fallback, shown: shown, expected: expected, meaning) { text in
            let parts = Self.commaSeparated(text)
            let elements = parts.compactMap(parse)
            return elements.count == parts.count ? elements : nil
        }
    }

    /// Returns the trimmed parts; none for an empty text.
    private static func commaSeparated(_ text: String) -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
        return parts == [""] ? [] : parts
    }
}
