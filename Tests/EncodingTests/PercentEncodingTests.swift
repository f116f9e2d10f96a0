import Encoding
import Testing

struct PercentEncodingTests {
    /// The reserved characters of RFC 3986 section 2.2 are encoded, the unreserved ones of section 2.3 are not.
    @Test(arguments: [
        ("", ""), ("a b", "a%20b"), ("ü@x.de", "%C3%BC%40x.de"), ("a+b=c&d/e%", "a%2Bb%3Dc%26d%2Fe%25"), ("-._~09azAZ", "-._~09azAZ"),
        (":/?#[]@", "%3A%2F%3F%23%5B%5D%40"), ("!$&'()*+,;=", "%21%24%26%27%28%29%2A%2B%2C%3B%3D"), ("\0\r\n\u{7F}", "%00%0D%0A%7F"),
        ("\u{1F426}", "%F0%9F%90%A6"), ("e\u{301}", "e%CC%81"),
    ])
    func `text is encoded, and decoded again`(_ text: String, _ encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(PercentEncoding.decode(encoded.lowercased())?.lowercased() == text.lowercased())
        var bytes = Array("a=".utf8)
        PercentEncoding.append(text, to: &bytes)
        #expect(bytes == Array("a=\(encoded)".utf8))
    }

    @Test func `other characters can be kept`() {
        #expect(PercentEncoding.encode("/a b/~ü") { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "/") } == "/a%20b/~%C3%BC")
    }

    @Test(arguments: [("a+b", false, "a+b"), ("a+b%2B", true, "a b+"), ("100%25", false, "100%"), ("a b", false, "a b"), ("é", false, "é")])
    func `decoding`(_ encoded: String, _ plusIsSpace: Bool, _ text: String) {
        #expect(PercentEncoding.decode(encoded, plusIsSpace: plusIsSpace) == text)
        #expect(PercentEncoding.decode(encoded[...], plusIsSpace: plusIsSpace) == text)
    }

    @Test(arguments: ["%", "%4", "%zz", "a%2", "%FF", "%C3", "%C3%28", "%٣٣", "%%41"])
    func `malformed encoding is refused`(_ text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }
}
