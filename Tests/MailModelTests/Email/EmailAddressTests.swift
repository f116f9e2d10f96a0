import MailModel
import TestSupport
import Testing

struct EmailAddressTests {
    private static let local64 = String(repeating: "x", count: 64)

    @Test(arguments: [
        ("user@example.com", "user@example.com"), ("a@b.cd", "a@b.cd"), ("User.Name+tag@Example.COM", "User.Name+tag@example.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"), ("1@2.example", "1@2.example"),
        ("user@example.com.", "user@example.com"),
        ("user@bücher.example", "user@xn--bcher-kva.example"), (local64 + "@example.com", local64 + "@example.com"),
        (#""a b"@example.com"#, #""a b"@example.com"#), (#""a@b"@example.com"#, #""a@b"@example.com"#),
        (#""a\"b\\c"@example.com"#, #""a\"b\\c"@example.com"#),
        (#""john"@example.com"#, "john@example.com"), (#""jo\hn"@example.com"#, "john@example.com"),
        (#""a..b"@example.com"#, #""a..b"@example.com"#),
        (#"".a"@example.com"#, #"".a"@example.com"#), (#""a\ b"@example.com"#, #""a b"@example.com"#),
        (#"" "@example.com"#, #"" "@example.com"#),
        ("postmaster@sub.sub.example.museum", "postmaster@sub.sub.example.museum"),
    ])
    func `Valid addresses`(text: String, canonical: String) throws {
        let address = try EmailAddress(text)
        #expect(address.description == canonical)
        #expect(try EmailAddress(canonical) == address)
        #expect(EmailAddress(validated: canonical) == address)
        #expect(address.suppressionKey == canonical.lowercased())
    }

    private static let dots = "The part before the @ must not begin or end with a dot, or have two dots in a row."
    private static let bare = "Expected a bare address like user@example.com, without a name or angle brackets."
    private static let quoting =
        "The quoted part before the @ must hold something, end in a quote and have a backslash before quotes inside."

    @Test(arguments: [
        ("", "An email address must not be empty."),
        ("user", "\"user\" is not an email address: expected an @, as in user@example.com."),
        ("user.example.com", "\"user.example.com\" is not an email address: expected an @, as in user@example.com."),
        ("@example.com", "The part before the @ of an email address must not be empty."),
        ("@", "The part before the @ of an email address must not be empty."),
        ("user@", "A domain name must not be empty."),
        ("user@localhost", "\"localhost\" is not a full domain name: expected at least two labels, like example.com."),
        ("user@[127.0.0.1]", "An IP address in brackets is not accepted: expected a domain name like example.com."),
        ("user@127.0.0.1", "The domain name \"127.0.0.1\" ends in a number: expected a name like example.com, not an IP address."),
        ("user@exam_ple.com", "The label \"exam_ple\" of a domain name contains \"_\"; only letters, digits and hyphens are allowed."),
        (".user@example.com", dots), ("user.@example.com", dots), ("us..er@example.com", dots), (".@example.com", dots),
        ("us er@example.com", "The part before the @ contains \" \", which is not allowed there."),
        (" user@example.com", "The part before the @ contains \" \", which is not allowed there."),
        ("user@example.com ", "The label \"com \" of a domain name contains the character U+0020, which is not allowed in a domain name."),
        ("a@b@example.com", "The part before the @ contains \"@\", which is not allowed there."),
        ("a,b@example.com", "The part before the @ contains \",\", which is not allowed there."),
        ("a(comment)@example.com", "The part before the @ contains \"(\", which is not allowed there."),
        ("user\r\nBcc: x@example.com", "The part before the @ contains the character U+000D, which is not allowed there."),
        (
            "user@example.com\r\nBcc: x",
            "The label \"comU+000DU+000Abcc: x\" of a domain name contains the character U+000D, which is not allowed in a domain name."
        ),
        ("us\0er@example.com", "The part before the @ contains the character U+0000, which is not allowed there."),
        ("us\u{7F}er@example.com", "The part before the @ contains the character U+007F, which is not allowed there."),
        (
            "grün@example.com",
            "The part before the @ contains the character U+00FC, which is not allowed there: letters beyond ASCII before the @ (SMTPUTF8) are not supported by Amazon SES."
        ),
        (
            "\"grün\"@example.com",
            "The part before the @ contains the character U+00FC, which is not allowed there: letters beyond ASCII before the @ (SMTPUTF8) are not supported by Amazon SES."
        ),
        ("Bob <user@example.com>", bare), ("<user@example.com>", bare), ("\"Bob\" <user@example.com>", quoting),
        (#""@example.com"#, quoting), (#"""@example.com"#, quoting), (#""a"b@example.com"#, quoting), (#""a"b"@example.com"#, quoting),
        (#""a\"@example.com"#, quoting),
        ("\"a\rb\"@example.com", "The part before the @ contains the character U+000D, which is not allowed there."),
        (local64 + "x@example.com", "The part before the @ must not be longer than 64 characters."),
        (local64 + "@" + String(repeating: "abcdefghi.", count: 19) + "com", "An email address must not be longer than 254 characters."),
    ])
    func `Invalid addresses say what is wrong`(text: String, message: String) {
        let error = #expect(throws: EmailAddress.Invalid.self) { try EmailAddress(text) }
        #expect(error?.description == message)
    }

    @Test func `The longest address is accepted`() throws {
        let domain = String(repeating: "abcdefghi.", count: 18) + "example.i"
        #expect(domain.utf8.count == 189)
        #expect(try EmailAddress(Self.local64 + "@" + domain).description.utf8.count == 254)
        #expect(throws: EmailAddress.Invalid.self) { try EmailAddress(Self.local64 + "@x" + domain) }
    }

    @Test func `Any text at all is accepted as an address that is accepted again, or refused`() {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "a", "Z", "@", ".", "\"", "\\", " ", "-", "xn--", "ü", "。", "\u{308}", "\u{200D}", "é", "例", "\r", "\0", "[", "<", "1", "com",
            "example.", "☕", "ａ", "\u{FFFD}",
        ]
        for _ in 0..<50_000 {
            let text = (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let address = try? EmailAddress(text) else { continue }
            #expect((try? EmailAddress(address.description)) == address)
            #expect(address.description.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }
}

struct HeaderTextTests {
    @Test(arguments: ["", "Hello", "Grüße 😀", "a\u{A0}b", "«x» ° ¿", "\u{2028}", String(repeating: "x", count: 5000)])
    func `Text without control characters may stand in a header`(text: String) {
        #expect(throws: Never.self) { try HeaderText.check(text, in: "subject") }
    }

    @Test(arguments: [
        ("a\nb", "subject must not contain a line feed (character 2)."),
        ("\r\nBcc: x", "subject must not contain a carriage return (character 1)."),
        ("é\tb", "subject must not contain a tab (character 2)."), ("ab\0", "subject must not contain a NUL character (character 3)."),
        ("\u{7F}", "subject must not contain the control character U+007F (character 1)."),
        ("\u{1B}[31m", "subject must not contain the control character U+001B (character 1)."),
        ("\u{85}", "subject must not contain the control character U+0085 (character 1)."),
        ("°\u{80}", "subject must not contain the control character U+0080 (character 2)."),
    ])
    func `Control characters are refused by name and place`(text: String, message: String) {
        let error = #expect(throws: HeaderText.Invalid.self) { try HeaderText.check(text, in: "subject") }
        #expect(error?.description == message)
    }
}
