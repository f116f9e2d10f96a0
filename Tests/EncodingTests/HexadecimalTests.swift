import Encoding
import Testing

struct HexadecimalTests {
    private static func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBufferPointer { Hexadecimal.decode($0) }
    }

    /// RFC 4648 section 10, in lower case.
    @Test(arguments: [
        ("", ""), ("f", "66"), ("fo", "666f"), ("foo", "666f6f"), ("foob", "666f6f62"), ("fooba", "666f6f6261"), ("foobar", "666f6f626172"),
        ("\0\u{7F}", "007f"),
    ])
    func `vectors of the RFC`(_ text: String, _ digits: String) {
        #expect(Hexadecimal.encode(text.utf8) == digits)
        #expect(Self.decode(digits) == Array(text.utf8))
        #expect(Self.decode(digits.uppercased()) == Array(text.utf8))
    }

    @Test func `every byte`() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Self.decode(Hexadecimal.encode(bytes)) == bytes)
        #expect(Hexadecimal.encode(bytes).utf8.allSatisfy(Hexadecimal.isLowercaseDigit))
        #expect(bytes.filter(Hexadecimal.isLowercaseDigit) == Array("0123456789abcdef".utf8))
        #expect(bytes.filter { Hexadecimal.value($0) != nil } == Array("0123456789ABCDEFabcdef".utf8))
    }

    @Test(arguments: ["6", "666", "6g", "g6", "0x", " 6", "٣٣"])
    func `other texts are refused`(_ text: String) {
        #expect(Self.decode(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0000000000000000"), (1, "0000000000000001"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"), (.max, "ffffffffffffffff"),
        ] as [(UInt64, String)])
    func `a number has all its digits`(_ number: UInt64, _ digits: String) {
        #expect(Hexadecimal.encode(number) == digits)
    }

    @Test func `a byte behind a marker is in upper case`() {
        var bytes: [UInt8] = []
        bytes.append(hexadecimal: 0x0A, after: "=")
        bytes.append(hexadecimal: 0xC3, after: "%")
        #expect(bytes == Array("=0A%C3".utf8))
    }
}
