import Encoding
import Foundation
import Testing

struct Base64Tests {
    /// RFC 4648 section 10, and the two characters in which the alphabets differ.
    static let vectors: [(bytes: [UInt8], text: String, url: String)] = [
        (Array("".utf8), "", ""), (Array("f".utf8), "Zg==", "Zg"), (Array("fo".utf8), "Zm8=", "Zm8"), (Array("foo".utf8), "Zm9v", "Zm9v"),
        (Array("foob".utf8), "Zm9vYg==", "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE=", "Zm9vYmE"),
        (Array("foobar".utf8), "Zm9vYmFy", "Zm9vYmFy"), ([0xFB, 0xFF, 0xFE], "+//+", "-__-"), ([0xFF], "/w==", "_w"),
    ]

    @Test(arguments: vectors)
    func `vectors of the RFC`(_ bytes: [UInt8], _ text: String, _ url: String) throws {
        #expect(Base64.encode(bytes) == text)
        #expect(try Base64.decode(text) == bytes)
        #expect(Base64.encodeURL(bytes) == url)
        #expect(Base64.decodeURL(url) == bytes)
    }

    /// Foundation's encoder is an independent one.
    @Test func `every length is encoded as Foundation does, and decoded again`() throws {
        for length in 0..<400 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            let text = Data(bytes).base64EncodedString()
            #expect(Base64.encode(bytes) == text)
            #expect(try Base64.decode(text) == bytes)
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
            #expect(
                String(decoding: Base64.encodeLines(bytes), as: UTF8.self)
                    == Data(bytes).base64EncodedString(options: .lineLength76Characters))
        }
    }

    @Test func `the encoding is appended in place`() {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            var text = Array("a=".utf8)
            Base64.append(bytes, to: &text)
            #expect(String(decoding: text, as: UTF8.self) == "a=" + Base64.encode(bytes))
            #expect(text.count == 2 + Base64.encodedLength(of: length))
        }
    }

    @Test(arguments: [
        ("Zg", "multiple of 4 characters, found 2"), ("Zg=", "found 3"), ("Z===", "character 2 "), ("====", "character 1 "),
        ("Zg==Zg==", "character 3 "), ("Zh==", "bits"), ("Zm9=", "bits"), ("Zm9v ", "character 5 "), ("Zm9v\nZm9v", "character 5 "),
        ("Zm-_", "character 3 "), ("Zm9v=", "found 5"), ("Zé==", "character 2 "), ("data:;base64,Zg==", "character 5 "), ("Z", "found 1"),
        ("=", "found 1"), ("Zm9vZ", "found 5"),
    ])
    func `an invalid text is refused with its place`(_ text: String, _ place: String) {
        let fault = #expect(throws: Base64.Fault.self) { try Base64.decode(text) }
        #expect(fault?.description.contains(place) == true, "\(fault?.description ?? "")")
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "+//+", "/w", "Zm9vZ", "Zm9v=", "Zg\n", " Zg", "Zé", "="])
    func `an invalid text for URLs is refused`(_ text: String) {
        #expect(Base64.decodeURL(text) == nil)
    }
}
