extension JSONParser {
    /// Parses a string from its opening to its closing quote.
    mutating func string() throws(JSONFault) -> String {
        position += 1
        let start = position
        var isASCII = true
        var unescaped: [UInt8] = []
        var copied = start
        while true {
            skipPlainASCII()
            switch next {
            case UInt8(ascii: "\""):
                let tail = copied..<position
                position += 1
                if copied == start { return try text(tail, isASCII: isASCII) }
                unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[tail]))
                if isLenient { return String(decoding: unescaped, as: UTF8.self) }
                guard let text = String(validating: unescaped, as: UTF8.self) else { throw invalidUTF8(in: start..<tail.upperBound) }
                return text
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<position]))
                appendUTF8(of: try isLenient ? lenientEscape() : escape(), to: &unescaped)
                copied = position
            case 0x80...:
                isASCII = false
                position += 1
            default:
                guard position < bytes.count else { throw expected("the closing quote of the string") }
                if isLenient {
                    position += 1
                    continue
                }
                throw JSONFault(offset: position, reason: .controlCharacter)
            }
        }
    }

    /// Advances to the first byte that is a quote, a backslash, a control character or not ASCII.
    ///
    /// Eight bytes at a time: subtracting sets the top bit of the lowest byte that is zero after the `xor` (or below 0x20),
    /// and of bytes above it at most, so that the lowest top bit is exact.
    private mutating func skipPlainASCII() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + position).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let candidates = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
            let stops = candidates & (ones &* 0x80)
            if stops != 0 {
                position += stops.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < bytes.count, case let byte = bytes[position], byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C {
            position += 1
        }
    }

    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSONFault) -> String {
        let content = UnsafeBufferPointer(rebasing: bytes[range])
        if isASCII || isLenient { return String(decoding: content, as: UTF8.self) }
        guard let text = String(validating: content, as: UTF8.self) else { throw invalidUTF8(in: range) }
        return text
    }

    private func invalidUTF8(in range: Range<Int>) -> JSONFault {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: UnsafeBufferPointer(rebasing: bytes[range]).span)
            return JSONFault(offset: range.lowerBound, reason: .invalidUTF8)
        } catch {
            return JSONFault(offset: range.lowerBound + error.byteOffsets.lowerBound, reason: .invalidUTF8)
        }
    }

    /// Parses an escape.
    ///
    /// Of an unknown one the backslash becomes U+FFFD, half a surrogate pair becomes U+FFFD as a whole.
    private mutating func lenientEscape() throws(JSONFault) -> Unicode.Scalar {
        let start = position
        do throws(JSONFault) {
            return try escape()
        } catch {
            position = start + 2
            let isCodeUnit = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "u") && (try? codeUnit(from: start)) != nil
            if !isCodeUnit { position = start + 1 }
            return "\u{FFFD}"
        }
    }

    /// Parses an escape from its backslash.
    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        let start = position
        position += 2
        switch start + 1 < bytes.count ? bytes[start + 1] : 0 {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw JSONFault(offset: start, reason: .invalidEscape)
        }
    }

    /// Parses the digits of `\uXXXX`, and the second half where it is the first of a surrogate pair.
    private mutating func unicodeEscape(from start: Int) throws(JSONFault) -> Unicode.Scalar {
        let unit = try codeUnit(from: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), next == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONFault(offset: start, reason: .loneSurrogate) }
        position += 2
        let trail = try codeUnit(from: position - 2)
        guard UTF16.isTrailSurrogate(trail) else { throw JSONFault(offset: start, reason: .loneSurrogate) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func codeUnit(from start: Int) throws(JSONFault) -> UInt16 {
        guard position + 4 <= bytes.count else { throw JSONFault(offset: start, reason: .invalidEscape) }
        var value: UInt16 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = hexadecimalDigit(byte) else { throw JSONFault(offset: start, reason: .invalidEscape) }
            value = value << 4 | digit
        }
        position += 4
        return value
    }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte) - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte) - 0x57
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte) - 0x37
    default: nil
    }
}

private func appendUTF8(of scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
}
