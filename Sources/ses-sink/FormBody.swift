import Foundation
import NIOCore

/// A form-encoded request body, split into fields whose values are decoded on access: most of it is the message, which is seldom read.
struct FormBody {
    private var encodedValues: [String: ByteBuffer] = [:]

    init(_ body: ByteBuffer) {
        var rest = body
        while rest.readableBytes > 0 {
            var field = rest.readSlice(endingBefore: UInt8(ascii: "&"))
            let name = field.readSlice(endingBefore: UInt8(ascii: "="))
            encodedValues[Self.decoded(name)] = field
        }
    }

    /// The decoded value of a field; `nil` where there is none.
    subscript(name: String) -> String? {
        encodedValues[name].map(Self.decoded)
    }

    /// Returns the values of `prefix1`, `prefix2` and so on, the form of lists in the Query protocol.
    func list(_ prefix: String) -> [String] {
        (1...).lazy.map { self["\(prefix)\($0)"] }.prefix { $0 != nil }.compactMap { $0 }
    }

    private static func decoded(_ bytes: ByteBuffer) -> String {
        let text = String(buffer: bytes)
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return text }
        return text.replacing("+", with: " ").removingPercentEncoding ?? text
    }
}

extension ByteBuffer {
    /// Reads the bytes before the separator, which is skipped; all bytes when there is none.
    fileprivate mutating func readSlice(endingBefore separator: UInt8) -> ByteBuffer {
        let view = readableBytesView
        let end = view.firstIndex(of: separator) ?? view.endIndex
        let slice = readSlice(length: end - view.startIndex) ?? ByteBuffer()
        moveReaderIndex(forwardBy: end == view.endIndex ? 0 : 1)
        return slice
    }
}
