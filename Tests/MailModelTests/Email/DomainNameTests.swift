import MailModel
import Testing

struct DomainNameTests {
    private static let bidi = "mixes text of both writing directions in a way that is not allowed (RFC 5893)."
    private static let label63 = String(repeating: "a", count: 63)
    private static let name253 = [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: ".")

    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.Com", "example.com"), ("example.com.", "example.com"), ("a.b", "a.b"),
        ("mail.example.co.uk", "mail.example.co.uk"), ("1and1.com", "1and1.com"), ("3.example", "3.example"),
        ("a-b.c-d.example", "a-b.c-d.example"),
        ("a-b--c.example", "a-b--c.example"), ("example.a1", "example.a1"), ("example.1a", "example.1a"),
        (label63 + ".com", label63 + ".com"), (name253, name253), (name253 + ".", name253),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"), ("βόλος.com", "xn--nxasmm1c.com"), ("straße.example", "xn--strae-oqa.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("例え。テスト", "xn--r8jz45g.xn--zckzah"), ("例え．テスト｡", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"), ("Ĳ.example", "ij.example"), ("①.example", "1.example"), ("™.example", "tm.example"),
        ("ﬁsh.example", "fish.example"), ("a\u{200B}b.example", "ab.example"), ("a\u{AD}b.example", "ab.example"),
        ("نامه\u{200C}ای.example", "xn--mgba3gch31f060k.example"), ("א1.example", "xn--1-zhc.example"),
        ("मराठी.भारत", "xn--d2b1ag0dl.xn--h2brj9c"), ("президент.рф", "xn--d1abbgf6aiiy.xn--p1ai"),
        ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"),
        ("한국.kr", "xn--3e0b707e.kr"), ("l·l.cat", "xn--ll-0ea.cat"), ("ア・ア.jp", "xn--ccka0y.jp"), ("क्\u{200D}ष.in", "xn--11b2ezcw70k.in"),
    ])
    func `Valid names`(text: String, ascii: String) throws {
        let name = try DomainName(text)
        #expect(name.description == ascii)
        #expect(try DomainName(name.description) == name)
    }

    @Test(arguments: [
        ("", "A domain name must not be empty."),
        ("localhost", "\"localhost\" is not a full domain name: expected at least two labels, like example.com."),
        ("com.", "\"com.\" is not a full domain name: expected at least two labels, like example.com."),
        (".", "The domain name \".\" has an empty label: two dots follow each other, or it begins with one."),
        (".example.com", "The domain name \".example.com\" has an empty label: two dots follow each other, or it begins with one."),
        ("a..b", "The domain name \"a..b\" has an empty label: two dots follow each other, or it begins with one."),
        ("a.b..", "The domain name \"a.b..\" has an empty label: two dots follow each other, or it begins with one."),
        ("exa_mple.com", "The label \"exa_mple\" of a domain name contains \"_\"; only letters, digits and hyphens are allowed."),
        ("exa mple.com", "The label \"exa mple\" of a domain name contains the character U+0020, which is not allowed in a domain name."),
        ("example.com\n", "The label \"comU+000A\" of a domain name contains the character U+000A, which is not allowed in a domain name."),
        ("user@example.com", "The label \"user@example\" of a domain name contains \"@\"; only letters, digits and hyphens are allowed."),
        (
            "https://example.com",
            "The label \"https://example\" of a domain name contains \":\"; only letters, digits and hyphens are allowed."
        ),
        ("-a.com", "The label \"-a\" of a domain name must not begin or end with a hyphen."),
        ("a-.com", "The label \"a-\" of a domain name must not begin or end with a hyphen."),
        ("example.com-", "The label \"com-\" of a domain name must not begin or end with a hyphen."),
        ("ab--c.com", "The label \"ab--c\" of a domain name must not have two hyphens in the third and fourth place."),
        ("192.168.0.1", "The domain name \"192.168.0.1\" ends in a number: expected a name like example.com, not an IP address."),
        ("example.123", "The domain name \"example.123\" ends in a number: expected a name like example.com, not an IP address."),
        ("[192.168.0.1]", "An IP address in brackets is not accepted: expected a domain name like example.com."),
        (label63 + "a.com", "The label \"\(label63)a\" of a domain name is longer than 63 characters."),
        ("b." + name253, "A domain name must not be longer than 253 characters."),
        (String(repeating: "a.", count: 100_000), "A domain name must not be longer than 253 characters."),
        ("xn--.com", "The label \"xn--\" of a domain name begins with xn-- but is not valid Punycode."),
        (
            "xn--a.com",
            "The label \"xn--a\" of a domain name begins with xn-- but decodes to characters that are not allowed in a domain name."
        ),
        ("xn--abc-.com", "The label \"xn--abc-\" of a domain name begins with xn-- but is not valid Punycode."),
        ("xn--bücher.com", "The label \"xn--bücher\" of a domain name begins with xn-- but is not valid Punycode."),
        ("xn--99999999.com", "The label \"xn--99999999\" of a domain name begins with xn-- but is not valid Punycode."),
        (
            "xn--bcher-2pa.com",
            "The label \"xn--bcher-2pa\" of a domain name begins with xn-- but decodes to characters that are not allowed in a domain name."
        ),
        (
            "xn--bucher-xyd.com",
            "The label \"xn--bucher-xyd\" of a domain name begins with xn-- but decodes to characters that are not allowed in a domain name."
        ),
        ("\u{308}a.com", "The label \"\u{308}a\" of a domain name must not begin with a combining mark."),
        ("☕.com", "The label \"☕\" of a domain name contains the character U+2615, which is not allowed in a domain name."),
        (
            "ab\u{200D}c.com",
            "The label \"ab\u{200D}c\" of a domain name has a zero-width joiner or non-joiner where it joins nothing."
        ),
        ("\u{661}\u{6F1}.com", "The label \"\u{661}\u{6F1}\" of a domain name \(bidi)"),
        ("1א.com", "The label \"1א\" of a domain name \(bidi)"),
        ("אa.com", "The label \"אa\" of a domain name \(bidi)"),
        // What libidn2 lets pass: European and Arabic digits in one label, a hyphen before the marks at its end.
        ("\u{68B}\u{664}7.com", "The label \"\u{68B}\u{664}7\" of a domain name \(bidi)"),
        ("א-\u{5B8}.com", "The label \"א-\u{5B8}\" of a domain name \(bidi)"),
        ("≠.com", "The label \"≠\" of a domain name contains the character U+2260, which is not allowed in a domain name."),
        (
            "xn--1va70d.com",
            "The label \"xn--1va70d\" of a domain name begins with xn-- but decodes to characters that are not allowed in a domain name."
        ),
        (
            "xn--i-7iq.ws",
            "The label \"xn--i-7iq\" of a domain name begins with xn-- but decodes to characters that are not allowed in a domain name."
        ),
        ("ü.com\0.example", "The label \"ü\" of a domain name contains the character U+00FC, which is not allowed in a domain name."),
        ("\u{AD}.com", "The domain name \"\u{AD}.com\" has an empty label: two dots follow each other, or it begins with one."),
        ("１２７.０.０.１", "The domain name \"１２７.０.０.１\" ends in a number: expected a name like example.com, not an IP address."),
        ("ب\u{640}.com", "The label \"ب\u{640}\" of a domain name contains the character U+0640, which is not allowed in a domain name."),
        ("a\u{FF0F}b.com", "The label \"a/b\" of a domain name contains \"/\"; only letters, digits and hyphens are allowed."),
        ("a\u{E000}.com", "The label \"a\u{E000}\" of a domain name contains the character U+E000, which is not allowed in a domain name."),
        (
            String(repeating: "ü", count: 63) + ".com",
            "The label \"\(String(repeating: "ü", count: 63))\" of a domain name is longer than 63 characters in its ASCII form."
        ),
    ])
    func `Invalid names say what is wrong`(text: String, message: String) {
        let error = #expect(throws: DomainName.Invalid.self) { try DomainName(text) }
        #expect(error?.description == message)
    }
}
