import Encoding

/// A value with parameters, such as that of `Content-Type` (RFC 2045 section 5.1), read as far as it can be.
struct FieldParameters {
    /// What stands before the first semicolon, in lower case.
    private(set) var value: String
    private var parameters: [String: String] = [:]
    /// More than any program writes; the rest is left out.
    private static let most = 100

    init(_ text: String) {
        var rest = Array(text.utf8)[...]
        value = Self.trimmed(rest.prefix { $0 != UInt8(ascii: ";") }).lowercased()
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        while !rest.isEmpty, parameters.count < Self.most {
            rest = rest.dropFirst()
            let name = Self.trimmed(rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }).lowercased()
            rest = rest.drop { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            guard rest.first == UInt8(ascii: "=") else { continue }
            let value = Self.value(&rest)
            if parameters[name] == nil { parameters[name] = value }
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    /// A text that may be encoded by RFC 2231, or by RFC 2047 as many programs do.
    func text(_ name: String) -> String? {
        if let encoded = parameters[name + "*"] ?? continued(name, "*") { return Self.extended(encoded) }
        return (parameters[name] ?? continued(name, "")).map(EncodedWord.text)
    }

    /// The pieces of a long value (RFC 2231 section 3).
    private func continued(_ name: String, _ end: String) -> String? {
        var text: String?
        for index in 0..<Self.most {
            guard let piece = parameters["\(name)*\(index)\(end)"] ?? parameters["\(name)*\(index)"] else { break }
            guard index > 0 || parameters["\(name)*0\(end)"] != nil else { break }
            text = (text ?? "") + piece
        }
        return text
    }

    /// `utf-8'en'na%C3%AFve.txt`.
    private static func extended(_ text: String) -> String {
        let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return text }
        var bytes: [UInt8] = []
        var rest = Array(parts[2].utf8)[...]
        while let byte = rest.popFirst() {
            let next = rest.prefix(2)
            if byte == UInt8(ascii: "%"), next.count == 2, let high = Hexadecimal.value(next[next.startIndex]),
                let low = Hexadecimal.value(next[next.startIndex + 1])
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return Charset.decode(bytes, String(parts[0]))
    }

    /// The value behind an equals sign, up to the next semicolon.
    private static func value(_ rest: inout ArraySlice<UInt8>) -> String {
        rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { $0 != UInt8(ascii: ";") }
            rest = rest[value.endIndex...]
            return trimmed(value)
        }
        rest = rest.dropFirst()
        var content: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() { content.append(escaped) } else { content.append(byte) }
        }
        rest = rest.drop { $0 != UInt8(ascii: ";") }
        return String(decoding: content, as: UTF8.self)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let start = bytes.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? bytes.endIndex
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? start
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
