import Testing

@testable import MIME

struct RawMessageTests {
    private func message(_ text: String) throws -> RawMessage {
        try RawMessage(Array(text.utf8))
    }

    @Test func headerAndBodyAreFound() throws {
        let message = try message("From: a@b.example\r\nSubject: one\r\n two\r\nX-A:\r\nSUBJECT : three\r\n\r\nbody\r\n")
        #expect(message.fields.map(\.name) == ["from", "subject", "x-a", "subject"])
        #expect(message.values(of: "subject") == ["one two", "three"])
        #expect(message.values(of: "x-a") == [""])
        #expect(message.bytes[message.bodyStart...].elementsEqual("body\r\n".utf8))
    }

    private static let faults: [(String, String)] = [
        ("A: b\nC: d\r\n\r\n", "line 1: a line feed (LF) without a carriage return (CR) before it"),
        ("A: b\r\n\r\nx\ry\r\n", "line 3: a carriage return (CR) without a line feed (LF) behind it"),
        ("A: b\r\n\r\nx\r", "line 3: a carriage return (CR) without a line feed (LF) behind it"),
        ("A: b\r\n\r\n.\n.\r\n", "line 3: a line feed (LF) without a carriage return (CR) before it"),
        ("A: b\r\n\r\nx\r\r\n", "line 3: a carriage return (CR) without a line feed (LF) behind it"),
        ("A: b\r\n\r\nx\0y\r\n", "line 3: the character NUL is not allowed"),
        (
            "A: b\r\n\r\n\(String(repeating: "x", count: 999))\r\n", "line 3: expected at most 998 octets, found 999"
        ),
        (
            "A: b\r\n\r\n\(String(repeating: "x", count: 999))", "line 3: expected at most 998 octets, found 999"
        ),
        (
            "A: b\r\nFrom nobody\r\nFrom: c@d.example\r\n\r\n",
            "line 2: expected a field of the header, such as Subject: Hello, or an empty line before the text"
        ),
        (
            " folded: first\r\n\r\n", "line 1: expected a field of the header, such as Subject: Hello, or an empty line before the text"
        ),
    ]

    @Test(arguments: faults)
    func whatIsNoMessageIsRefusedWithItsLine(text: String, fault: String) {
        #expect { try message(text) } throws: { "\($0)" == fault }
    }

    @Test func linesMayHave998Octets() throws {
        #expect(try message("A: b\r\n\r\n\(String(repeating: "x", count: 998))\r\n").fields.count == 1)
    }

    @Test func headersAreBounded() {
        let many = String(repeating: "A: b\r\n", count: RawMessage.Limits.fields + 1)
        #expect { try message(many) } throws: { "\($0)".hasPrefix("line 1001: expected at most 1000 fields") }
        let large = String(repeating: "A: \(String(repeating: "x", count: 900))\r\n", count: 300)
        #expect { try message(large) } throws: { "\($0)".contains("expected a header of at most 262144 bytes") }
    }

    private static let rewritten: [(String, String)] = [
        ("A: b\r\nBcc: c\r\n d\r\nE: f\r\n\r\nbody\r\n", "A: b\r\nE: f\r\n\r\nbody\r\n"),
        ("A: b\r\nbcc : c\r\n\r\nbody", "A: b\r\n\r\nbody\r\n"),
        ("A: b", "A: b\r\n\r\n"),
        ("\r\nbody\r\n", "\r\nbody\r\n"),
        ("A: b\r\n\r\n..dots\r\n.\r\n", "A: b\r\n\r\n..dots\r\n.\r\n"),
    ]

    @Test(arguments: rewritten)
    func onlyWhatIsRemovedIsMissing(text: String, expected: String) throws {
        #expect(String(decoding: try message(text).rewritten { $0.name == "bcc" }, as: UTF8.self) == expected)
    }

    @Test func lineFeedsAloneBecomeLineEnds() {
        #expect(RawMessage.withLineEnds(Array("a\nb\r\n\nc\r".utf8)).elementsEqual("a\r\nb\r\n\r\nc\r".utf8))
    }
}

struct MailboxListTests {
    typealias Mailbox = MailboxList.Mailbox

    private static let lists: [(String, [Mailbox])] = [
        ("ann@example.com", [Mailbox(name: nil, address: "ann@example.com")]),
        ("Ann <ann@example.com>", [Mailbox(name: "Ann", address: "ann@example.com")]),
        ("\"Acme, Inc.\" <a.b@example.com> (sales)", [Mailbox(name: "Acme, Inc.", address: "a.b@example.com")]),
        (
            "J. Doe (the \\) first) <j@example.com>, <k@example.com>,",
            [.init(name: "J. Doe", address: "j@example.com"), .init(name: nil, address: "k@example.com")]
        ),
        ("=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_M?= <j@example.com>", [Mailbox(name: "Jörg M", address: "j@example.com")]),
        ("=?windows-1252?q?J=F6rg_=80?= <j@example.com>", [Mailbox(name: "Jörg €", address: "j@example.com")]),
        (
            "team: a@example.com, B <b@example.com>; c@example.com",
            [
                .init(name: nil, address: "a@example.com"), .init(name: "B", address: "b@example.com"),
                .init(name: nil, address: "c@example.com"),
            ]
        ),
        ("undisclosed-recipients:;", []),
        ("\"a b\"@example.com", [Mailbox(name: nil, address: "\"a b\"@example.com")]),
        ("a@[192.0.2.1]", [Mailbox(name: nil, address: "a@[192.0.2.1]")]),
        ("Jörg <j@example.com>", [Mailbox(name: "Jörg", address: "j@example.com")]),
    ]

    @Test(arguments: lists)
    func mailboxesAreRead(value: String, expected: [Mailbox]) throws {
        #expect(try MailboxList.parse(value) == expected)
    }

    /// What programs read in different ways: a customer must not show one sender and be checked as another.
    @Test(arguments: [
        "ceo@bank.example <me@mine.example>", "<a@b.example> <c@d.example>", "<@relay.example:a@b.example>", "a@b.example c@d.example",
        "Ann", "Ann <ann>", "<>", "a@", "@b", "\"a@b.example", "a (b@c.example", "team: a@b.example", "a@b.example>", "a@b@c.example",
        "A \\ <a@b.example>", "<a@b.example", "a@b.example;", "a@\"b.example\"", String(repeating: "(", count: 50) + "a@b.example",
    ])
    func ambiguousListsAreRefused(value: String) {
        #expect(throws: MailboxList.Malformed.self) { try MailboxList.parse(value) }
    }
}

struct MessagePreviewTests {
    private func preview(_ text: String) throws -> MessagePreview {
        MessagePreview(try RawMessage(Array(text.replacing("\n", with: "\r\n").utf8)))
    }

    @Test func plainTextIsDecoded() throws {
        let preview = try preview(
            "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\nContent-Type: text/plain; charset=\"iso-8859-1\"\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe =\naus K=F6ln\n"
        )
        #expect(preview.subject == "Grüße")
        #expect(preview.text == "Grüße aus Köln\n")
        #expect(preview.html == nil && preview.files.isEmpty)
    }

    @Test func partsAreFound() throws {
        let preview = try preview(
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="out er"

            preamble
            --out er
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            SGVsbG8gdGhlcmU=
            --inner
            Content-Type: text/html

            <p>Hello</p>
            --inner--
            --out er
            Content-Type: application/pdf; name=old.pdf
            Content-Disposition: attachment; filename*=utf-8''na%C3%AFve.pdf
            Content-Transfer-Encoding: base64

            AAECAw==
            --out er
            Content-Type: image/png
            Content-Id: <logo@x>

            1234
            --out er--
            epilogue
            """)
        #expect(preview.text == "Hello there")
        #expect(preview.html == "<p>Hello</p>")
        #expect(
            preview.files == [
                .init(filename: "naïve.pdf", contentType: "application/pdf", contentID: nil, size: 4),
                .init(filename: "", contentType: "image/png", contentID: "logo@x", size: 4),
            ])
    }

    @Test(arguments: [
        "Content-Type: multipart/mixed\n\nno boundary\n", "Content-Type: multipart/mixed; boundary=x\n\nnothing\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x--\n", "Content-Type: \"\n\nhello\n",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n--x",
    ])
    func brokenStructuresAreNoFault(text: String) throws {
        #expect(try preview(text).files.count <= 3)
    }

    @Test func depthAndNumberOfPartsAreBounded() throws {
        let nested = (0..<50).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        #expect(try preview(nested + "\ndeep\n").text == nil)
        let many = String(repeating: "--x\nContent-Type: a/b\n\n1\n", count: 1_000)
        #expect(try preview("Content-Type: multipart/mixed; boundary=x\n\n" + many).files.count == MessagePreview.Limits.parts - 1)
    }
}
