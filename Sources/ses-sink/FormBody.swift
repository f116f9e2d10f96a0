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

extension FormBody {
    /// The id that Martlet gave the message: the SES tag `martlet-id`, or else the header `X-Martlet-Id`.
    ///
    /// The tag is read first, since the header requires the whole message to be decoded.
    var martletID: String? {
        idFromTag ?? idFromHeader
    }

    private var idFromTag: String? {
        for number in 1...50 {
            guard let name = self["Tags.member.\(number).Name"] else { return nil }
            if name == "martlet-id" { return self["Tags.member.\(number).Value"] }
        }
        return nil
    }

    private var idFromHeader: String? {
        guard let encoded = self["RawMessage.Data"], let message = Data(base64Encoded: encoded) else { return nil }
        let head = String(decoding: message.prefix(16_384), as: UTF8.self)
        for line in head.split(separator: "\r\n", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "x-martlet-id" { return parts[1].split(separator: " ").first.map(String.init) }
        }
        return nil
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
