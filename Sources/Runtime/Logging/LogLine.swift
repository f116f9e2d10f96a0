import JSON
import Logging

/// A log message, which is rendered as a line.
struct LogLine {
    var level: Logger.Level
    var message: String
    var logger: String
    var metadata: [(key: String, value: Logger.MetadataValue)]

    /// Returns the message as a line of JSON.
    ///
    /// - Parameter time: RFC 3339 in UTC.
    func json(at time: String) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512)
        writer.object { object in
            object.member("at", time)
            object.member("level", level.rawValue)
            object.member("message", LogRedaction.redacted(message))
            object.member("logger", logger)
            for (key, value) in metadata {
                let name = Self.reserved.contains(key) ? "metadata." + key : key
                if isSecret(key) {
                    object.member(name, "redacted")
                } else {
                    object.member(name, NumericField.value(of: key, value) ?? Field(value: value))
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Returns the message as `2026-01-31T23:59:59.123Z INFO  message key=value key="two words"`.
    func text(at time: String) -> [UInt8] {
        var line = time + " " + level.rawValue.uppercased()
        line += String(repeating: " ", count: max(1, 9 - level.rawValue.utf8.count)) + plain(LogRedaction.redacted(message))
        for (key, value) in metadata {
            line += " " + plain(key) + "=" + (isSecret(key) ? "redacted" : quotedWhereNeeded(LogRedaction.redacted("\(value)")))
        }
        return Array((line + "\n").utf8)
    }

    private static let reserved: Set = ["at", "level", "message", "logger"]

    private static let secrets = ["token", "authorization", "password", "secret"].map { Array($0.utf8) }

    /// Returns whether a key is that of a secret.
    ///
    /// It is called for every field of every line: no allocation for a key in lower case.
    private func isSecret(_ key: String) -> Bool {
        let isLower = !key.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        let bytes = (isLower ? key : key.lowercased()).utf8
        return Self.secrets.contains { secret in
            guard bytes.count >= secret.count, bytes.suffix(secret.count).elementsEqual(secret) else { return false }
            return bytes.count == secret.count || bytes.dropLast(secret.count).last == UInt8(ascii: ".")
        }
    }

    /// Returns a text without line breaks and other control characters, which could forge a line or control a terminal.
    private func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isControl ? " " : $0 }))
    }

    private func quotedWhereNeeded(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.unicodeScalars.contains { $0.isControl || $0 == " " || $0 == "\"" || $0 == "=" }
        return needsQuotes ? text.debugDescription : text
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }
}

/// The rule by which text metadata is written as a number: the last word of its key is a unit or a count, and the text is a number.
///
/// A handler receives `"\(count)"` as text.
private enum NumericField {
    private static let words: Set = ["ms", "seconds", "bytes", "count", "status", "port", "attempts", "connections", "suppressed"]

    /// Returns the number; `nil` for a value that stays text.
    static func value(of key: String, _ value: Logger.MetadataValue) -> Field? {
        guard case .string(let text) = value, let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let word = key.utf8.split(whereSeparator: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }).last,
            words.contains(String(Substring(word)))
        else { return nil }
        if let integer = Int64(text) { return Field(value: .stringConvertible(integer)) }
        // `Double` would also parse hexadecimal digits.
        guard text.utf8.allSatisfy({ (0x2D...0x39).contains($0) }), let number = Double(text), number.isFinite else { return nil }
        return Field(value: .stringConvertible(number))
    }
}

/// A metadata value as JSON, in which numbers stay numbers.
private struct Field: JSONWritable {
    var value: Logger.MetadataValue

    func write(to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.value(LogRedaction.redacted(text))
        // The types of a request's line first: a cast to a protocol costs more than the rest of a field.
        case .stringConvertible(let number as Int): writer.value(Int64(number))
        case .stringConvertible(let number as Double): writer.value(number)
        case .stringConvertible(let number as any FixedWidthInteger & Sendable): writer.value(Int64(clamping: number))
        case .stringConvertible(let flag as Bool): writer.value(flag)
        case .stringConvertible(let other): writer.value(LogRedaction.redacted(other.description))
        case .array(let elements): writer.value(elements.map(Field.init))
        case .dictionary(let members):
            writer.object { object in
                for (key, value) in members.sorted(by: { $0.key < $1.key }) { object.member(key, Field(value: value)) }
            }
        }
    }
}
