import Testing

@testable import Access

struct TokenTests {
    @Test func `a new token has the documented form`() {
        let tokens = (0..<200).map { _ in Token.make() }
        #expect(Set(tokens).count == tokens.count)
        for token in tokens {
            #expect(token.wholeMatch(of: /mk_[0-9A-Za-z]{49}/) != nil)
            #expect(!Token.hasWrongChecksum(token))
        }
    }

    /// By `zlib.crc32` of Python.
    @Test(arguments: [
        "mk_" + String(repeating: "0", count: 43) + "4NvClr", "mk_" + String(repeating: "z", count: 43) + "2Yyzks",
        "mk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample01FLaC1",
    ])
    func `the checksum is the CRC-32 in base 62`(token: String) {
        #expect(!Token.hasWrongChecksum(token))
    }

    @Test func `every changed character is noticed`() {
        let token = Array(Token.make())
        for index in token.indices.dropFirst(3) {
            var changed = token
            changed[index] = changed[index] == "a" ? "b" : "a"
            #expect(Token.hasWrongChecksum(String(changed)))
        }
    }

    @Test(arguments: [
        "", "mk_", "mk_" + String(repeating: "0", count: 64), "mk_" + String(repeating: "a1", count: 32), "a master token of the operator",
        "mk_" + String(repeating: "0", count: 48) + "-", "sk_" + String(repeating: "0", count: 49),
    ])
    func `what has another form is not judged`(text: String) {
        #expect(!Token.hasWrongChecksum(text))
    }
}
