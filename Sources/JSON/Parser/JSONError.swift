/// The reason why a text is no JSON document, with its position, to be shown to the author of the text.
package struct JSONError: Error, Equatable {
    /// The number of bytes before the fault.
    package let offset: Int
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in Unicode scalars.
    package let column: Int
    /// The reason, a sentence without the position, such as `Expected a value but found "}"`.
    package let message: String
}

extension JSONError: CustomStringConvertible {
    /// The message with line and column.
    package var description: String {
        "\(message.dropLast()) at line \(line), column \(column)."
    }
}

/// A fault as the parser finds it.
///
/// Message and position are computed once the parse has failed.
struct JSONFault: Error {
    enum Reason {
        case expected(String)
        case controlCharacter
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case leadingZero
        case duplicateName(String)
        case tooDeep(limit: Int)
        case tooMany(limit: Int)
        case trailing
    }

    let offset: Int
    let reason: Reason

    /// Returns the error, with message, line and column.
    func error(in bytes: UnsafeBufferPointer<UInt8>) -> JSONError {
        let before = bytes[..<min(offset, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let continuation: ClosedRange<UInt8> = 0x80...0xBF
        return JSONError(
            offset: offset,
            line: 1 + before.count { $0 == UInt8(ascii: "\n") },
            column: 1 + before[lineStart...].count { !continuation.contains($0) },
            message: message(in: bytes)
        )
    }

    private func message(in bytes: UnsafeBufferPointer<UInt8>) -> String {
        switch reason {
        case .expected(let what): "Expected \(what) but found \(found(in: bytes))."
        case .controlCharacter: "A control character in a string must be escaped."
        case .invalidUTF8: "The text is not valid UTF-8."
        case .invalidEscape:
            "Unknown escape in a string: a backslash may be followed by one of \"\\/bfnrt or by u and four hexadecimal digits."
        case .loneSurrogate: "A \\u escape is one half of a surrogate pair without the other half."
        case .leadingZero: "A number must not begin with a needless zero."
        case .duplicateName(let name): "The name \"\(name.prefix(64))\" occurs twice in one object."
        case .tooDeep(let limit): "Arrays and objects are nested more than \(limit) levels deep."
        case .tooMany(let limit): "The text has more than \(limit) values."
        case .trailing: "Expected the end of the text but found \(found(in: bytes))."
        }
    }

    private func found(in bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard offset < bytes.count else { return "the end of the text" }
        let following = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        guard let scalar = following.unicodeScalars.first else { return "the end of the text" }
        switch scalar.properties.generalCategory {
        case .control, .format, .unassigned, .privateUse, .lineSeparator, .paragraphSeparator:
            return "the character U+" + String(scalar.value, radix: 16, uppercase: true)
        default:
            return "\"\(scalar)\""
        }
    }
}
