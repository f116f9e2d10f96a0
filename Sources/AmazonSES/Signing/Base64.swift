/// Encodes base64 with the standard alphabet and padding (RFC 4648 section 4). A raw message is encoded directly into the form of its
/// request.
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
}
