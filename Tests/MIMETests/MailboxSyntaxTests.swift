import MIME
import MailModel
import TestSupport
import Testing

/// Mailboxes with display names, as requests give them (RFC 5322 section 3.4).
struct MailboxSyntaxTests {
    static let valid: [(text: String, name: String?, address: String)] = [
        ("a@b.example", nil, "a@b.example"), ("<a@b.example>", nil, "a@b.example"), ("Ann <a@B.example>", "Ann", "a@b.example"),
        ("  Ann   Lee   < a@b.example >  ", "Ann Lee", "a@b.example"), ("Ann<a@b.example>", "Ann", "a@b.example"),
        (#""Acme, Inc. (News)" <a@b.example>"#, "Acme, Inc. (News)", "a@b.example"),
        (#""He said \"hi\" \\o/" <a@b.example>"#, #"He said "hi" \o/"#, "a@b.example"),
        (#""<x@y.example>" <a@b.example>"#, "<x@y.example>", "a@b.example"),
        (#""a@b.example" <a@b.example>"#, "a@b.example", "a@b.example"),
        ("J. R. Doe <a@b.example>", "J. R. Doe", "a@b.example"), (#"J. "R." Doe <a@b.example>"#, "J. R. Doe", "a@b.example"),
        ("Pete(A nice \\) chap) <pete(his account)@b.example>", "Pete", ""),
        ("Pete (A (very) nice chap) Lee <p@b.example> (work)", "Pete Lee", "p@b.example"),
        ("a@b.example (Ann)", nil, "a@b.example"), ("(Ann) a@b.example", nil, "a@b.example"),
        (#""john doe"@b.example"#, nil, #""john doe"@b.example"#), (#""a<b"@c.example"#, nil, #""a<b"@c.example"#),
        (#"Ann <"a>b"@c.example>"#, "Ann", #""a>b"@c.example"#), (#""" <a@b.example>"#, nil, "a@b.example"),
        (#""   " <a@b.example>"#, nil, "a@b.example"), (#"" Ann " <a@b.example>"#, "Ann", "a@b.example"),
        ("Zoë Müller <a@bücher.example>", "Zoë Müller", "a@xn--bcher-kva.example"), ("🎉 Party 👩‍👩‍👧 <a@b.example>", "🎉 Party 👩‍👩‍👧", "a@b.example"),
        ("متجر آن <a@b.example>", "متجر آن", "a@b.example"), ("חנות <a@b.example>", "חנות", "a@b.example"),
        ("=?utf-8?q?Zo=C3=AB_M=C3=BCller?= <a@b.example>", "Zoë Müller", "a@b.example"),
        ("=?UTF-8?B?5pel5pys?= =?utf-8*ja?b?6Kqe?= KK <a@b.example>", "日本語 KK", "a@b.example"),
        // One character in two encoded words.
        ("=?utf-8?q?Zo=C3?= =?utf-8?q?=AB?= <a@b.example>", "Zoë", "a@b.example"),
        ("=?iso-8859-1?Q?Zo=EB?= <a@b.example>", "Zoë", "a@b.example"), ("=?us-ascii?q?Ann?= <a@b.example>", "Ann", "a@b.example"),
        (#""=?utf-8?q?x?=" <a@b.example>"#, "=?utf-8?q?x?=", "a@b.example"), ("=?x <a@b.example>", "=?x", "a@b.example"),
        (String(repeating: "é", count: 200) + " <a@b.example>", String(repeating: "é", count: 200), "a@b.example"),
    ]

    @Test(arguments: valid) func `Mailboxes`(text: String, name: String?, address: String) throws {
        guard !address.isEmpty else {
            // A comment within the address.
            #expect(throws: MailboxSyntax.Malformed.self) { try MailboxSyntax.parse(text) }
            return
        }
        #expect(try MailboxSyntax.parse(text) == Mailbox(name: name, address: EmailAddress(address)))
    }

    @Test(arguments: [
        ("", "must not be empty"), ("Ann", "expected an @"), ("Ann <>", "must not be empty"), ("Ann <a@b.example", "closing angle bracket"),
        (#""Ann <a@b.example>"#, "closing quote"), (#"Ann "Lee <a@b.example>"#, "closing quote"), ("Ann (x <a@b.example>", "expected"),
        ("Acme, Inc. <a@b.example>", "in quotes"), ("a@b.example <a@b.example>", "in quotes"), ("Ann [x] <a@b.example>", "in quotes"),
        ("Team: a@b.example;", "contains \":\""), ("Team: Ann <a@b.example>;", "in quotes"),
        ("Ann <a@b.example>, Bob <c@d.example>", "found a list"),
        ("a@b.example, c@d.example", "found a list"), ("<a@b.example> x", "nothing behind"),
        ("<a@b.example> <c@d.example>", "nothing behind"),
        ("Ann <<a@b.example>>", "nothing behind"), ("Ann <@x.example:a@b.example>", "contains \"@\""),
        ("Ann <a@b>", "not a full domain name"),
        ("Ann\r\nBcc: x <a@b.example>", "a carriage return"), ("\"Ann\0\" <a@b.example>", "NUL"), ("Ann\tLee <a@b.example>", "a tab"),
        ("=?utf-8?q?Ann=0D=0ABcc=3A_x?= <a@b.example>", "a carriage return"), ("=?utf-8?b?QQBC?= <a@b.example>", "NUL"),
        ("=?utf-8?q?a=E2=80=A8b?= <a@b.example>", "line separator"),
        ("=?koi8-r?b?8NLJ18XU?= <a@b.example>", "could not be decoded"), ("=?utf-8?x?abc?= <a@b.example>", "could not be decoded"),
        ("=?utf-8?q?=GG?= <a@b.example>", "could not be decoded"), ("=?utf-8?q?=C3?= <a@b.example>", "in UTF-8"),
        (String(repeating: "é", count: 201) + " <a@b.example>", "at most 200 characters, found 201"),
        (String(repeating: "x", count: 5000) + " <a@b.example>", "at most 4096 bytes"),
    ])
    func `What is no mailbox`(text: String, reason: String) {
        let error = #expect(throws: MailboxSyntax.Malformed.self) { try MailboxSyntax.parse(text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test(
        arguments: [
            ("", []), (" , ,", []), ("a@b.example", ["a@b.example"]), ("a@b.example, c@d.example,", ["a@b.example", "c@d.example"]),
            (#""Acme, Inc." <a@b.example>, Bob <c@d.example>"#, [#""Acme, Inc." <a@b.example>"#, "Bob <c@d.example>"]),
            (#""x\",y" <a@b.example> ,(b, c) d@e.example"#, [#""x\",y" <a@b.example>"#, "(b, c) d@e.example"]),
            (#"<"a,b"@c.example>,d@e.example"#, [#"<"a,b"@c.example>"#, "d@e.example"]), (#""open, a@b.example"#, [#""open, a@b.example"#]),
        ] as [(String, [String])])
    func `Lists`(text: String, items: [String]) {
        #expect(MailboxSyntax.split(text) == items)
    }

    /// Whatever a name is made of: written into a header field and parsed from a request it is the same.
    @Test func `A name survives being quoted`() throws {
        var generator = SeededGenerator(seed: 16)
        let pieces = [
            "a", " ", ",", "\"", "\\", "(", ")", "<", ">", "@", ":", ";", "[", "]", "é", "日", "👩‍👧", "=?", "?=", "=?utf-8?q?x?=", ".",
        ]
        for _ in 0..<5000 {
            let name = (0..<Int.random(in: 1...30, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let quoted = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            let trimmed = name.trimmed
            #expect(try MailboxSyntax.parse("\"\(quoted)\" <a@b.example>").name == (trimmed.isEmpty ? nil : trimmed))
        }
    }

    /// Any bytes end in a mailbox or in a refusal; no name has a control character; a list is as long as its commas allow.
    @Test func `Any text`() {
        var generator = SeededGenerator(seed: 5322)
        let pieces = [
            "a@b.example", "<", ">", "\"", "\\", "(", ")", ",", ";", ":", "@", " ", "Ann", "é", "\r", "\n", "\0", "\u{2028}", "=?utf-8?q?",
            "=0D=0A", "?=",
            "=?utf-8?b?QQ==?=", ".", "xn--", String(repeating: "(", count: 300),
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let commas = text.utf8.count { $0 == UInt8(ascii: ",") }
            #expect(MailboxSyntax.split(text).count <= commas + 1)
            guard let mailbox = try? MailboxSyntax.parse(text) else { continue }
            #expect(mailbox.name.map { Mailbox.fault(ofName: $0) == nil && !$0.isEmpty } ?? true)
            #expect((try? EmailAddress(mailbox.address.description)) == mailbox.address)
        }
    }

    /// A quadratic split of two million bytes would take hours.
    @Test(.timeLimit(.minutes(1)), arguments: ["(", "\"", "\\\"", ",", "<", "=?utf-8?q?a?= ", "a,"])
    func `Long texts are split in linear time`(piece: String) {
        let text = String(repeating: piece, count: 2_000_000 / piece.utf8.count)
        #expect(MailboxSyntax.split(text).count <= text.utf8.count)
        #expect(throws: MailboxSyntax.Malformed.self) { try MailboxSyntax.parse(text) }
    }
}
