/// Base64 with the standard alphabet and padding (RFC 4648 section 4), made for the two places that need it: the raw message of a request
/// to SES, encoded straight into the form, and the signature of an SNS message.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ data: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((data.count + 2) / 3 * 4)
        forEachSextet(of: data) { text.append(alphabet[$0]) }
        text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: padding(data)))
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the encoding of `data` with its `+`, `/` and `=` percent-encoded, in one pass over the message.
    static func append(_ data: [UInt8], percentEncodedTo form: inout [UInt8]) {
        form.reserveCapacity(form.count + data.count * 3 / 2 + 16)
        forEachSextet(of: data) { sextet in
            if sextet < 62 { form.append(alphabet[sextet]) } else { form.append(percentEncoded: alphabet[sextet]) }
        }
        for _ in 0..<padding(data) { form.append(percentEncoded: UInt8(ascii: "=")) }
    }

    private static func padding(_ data: [UInt8]) -> Int {
        (3 - data.count % 3) % 3
    }

    @inline(__always)
    private static func forEachSextet(of data: [UInt8], _ body: (Int) -> Void) {
        var index = 0
        while index + 2 < data.count {
            let group = Int(data[index]) << 16 | Int(data[index + 1]) << 8 | Int(data[index + 2])
            body(group >> 18)
            body(group >> 12 & 63)
            body(group >> 6 & 63)
            body(group & 63)
            index += 3
        }
        if index + 1 == data.count {
            body(Int(data[index]) >> 2)
            body(Int(data[index]) << 4 & 63)
        } else if index + 2 == data.count {
            body(Int(data[index]) >> 2)
            body(Int(data[index]) << 4 & 63 | Int(data[index + 1]) >> 4)
            body(Int(data[index + 1]) << 2 & 63)
        }
    }

    /// The bytes behind the text, `nil` for any other character, wrong padding, or bits that an encoder would not have set.
    static func decoded(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        let digits = characters.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        let padding = characters.count - digits.count
        guard padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        var bits = 0
        var held = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(bits >> held & 0xFF))
            }
        }
        return bits & (1 << held - 1) == 0 ? bytes : nil
    }

    private static func value(of digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
