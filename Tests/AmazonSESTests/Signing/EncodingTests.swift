import MailModel
import Testing

@testable import AmazonSES

struct EncodingTests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 of the RFC`(_ text: String, _ encoded: String) throws {
        #expect(Base64.encoded(Array(text.utf8)) == encoded)
        #expect(try Base64Text.decoded(encoded) == Array(text.utf8))
    }

    @Test func `every byte survives base64, also percent-encoded in a form`() throws {
        for length in 0..<300 {
            let data = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
            #expect(try Base64Text.decoded(Base64.encoded(data)) == data)
            var form: [UInt8] = []
            Base64.append(data, percentEncodedTo: &form)
            #expect(PercentEncoding.decoded(String(decoding: form, as: UTF8.self)) == Base64.encoded(data))
            #expect(form.allSatisfy { $0.isUnreserved || $0 == UInt8(ascii: "%") })
        }
    }

    @Test(arguments: [("a b", "a%20b"), ("ü@x.de", "%C3%BC%40x.de"), ("a+b=c&d/e%", "a%2Bb%3Dc%26d%2Fe%25"), ("-._~09azAZ", "-._~09azAZ")])
    func `percent-encodes`(_ text: String, _ encoded: String) {
        var bytes: [UInt8] = []
        bytes.append(percentEncoding: text.utf8)
        #expect(String(decoding: bytes, as: UTF8.self) == encoded)
        #expect(PercentEncoding.decoded(encoded) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%2", "%FF"])
    func `malformed percent-encoding is refused`(_ text: String) {
        #expect(PercentEncoding.decoded(text) == nil)
    }
}
