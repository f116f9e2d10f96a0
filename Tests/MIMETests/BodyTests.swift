import MIME
import MailModel
import TestSupport
import Testing

struct BodyTests {
    private func serialized(_ change: (inout OutgoingMessage) throws -> Void) throws -> String {
        var message = try sample()
        try change(&message)
        return String(decoding: message.serialized(), as: UTF8.self)
    }

    @Test func `Plain ASCII is sent as it is`() throws {
        let text = try serialized { $0.text = "Hello = World.\n.dot\r\rtrailing \r\n\ttab" }
        #expect(
            text == """
                Date: Thu, 1 Jan 1970 00:00:00 +0000\r
                From: from@example.com\r
                To: to@example.com\r
                Subject: S\r
                Message-ID: <id@example.com>\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: 7bit\r
                \r
                Hello = World.\r
                .dot\r
                \r
                trailing \r
                \ttab\r\n
                """)
    }

    @Test(arguments: [
        ("Grüße aus der Stadt am Rhein", "quoted-printable", "Gr=C3=BC=C3=9Fe aus der Stadt am Rhein\r\n"),
        ("Grüße", "base64", "R3LDvMOfZQ==\r\n"),
        (
            "some more words before a trailing space \n=é and tab\t", "quoted-printable",
            "some more words before a trailing space=20\r\n=3D=C3=A9 and tab=09\r\n"
        ),
        ("日本語のテキスト", "base64", "5pel5pys6Kqe44Gu44OG44Kt44K544OI\r\n"), ("a NUL\0 inside", "quoted-printable", "a NUL=00 inside\r\n"),
        (String(repeating: "x", count: 998), "7bit", String(repeating: "x", count: 998) + "\r\n"),
        (
            String(repeating: "x", count: 999), "quoted-printable",
            String(repeating: String(repeating: "x", count: 75) + "=\r\n", count: 13) + String(repeating: "x", count: 24) + "\r\n"
        ),
        (String(repeating: "x", count: 75) + "é", "quoted-printable", String(repeating: "x", count: 75) + "=\r\n=C3=A9\r\n"),
        (String(repeating: "x", count: 76) + "\né", "quoted-printable", String(repeating: "x", count: 76) + "\r\n=C3=A9\r\n"),
    ])
    func `Other text is encoded the shorter way`(text: String, encoding: String, body: String) throws {
        let message = try serialized { $0.text = text }
        #expect(message.contains("Content-Transfer-Encoding: \(encoding)\r\n\r\n\(body)"))
        #expect(message.hasSuffix("\r\n\r\n" + body))
    }

    @Test func `HTML is sent with a plain text, given or generated`() throws {
        let made = try serialized {
            $0.text = nil
            $0.html = "<p>Hello <b>World</b></p>"
        }
        #expect(made.contains("Content-Type: multipart/alternative;\r\n boundary=\"=_alternative_"))
        #expect(
            made.contains(
                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nHello World\r\n--=_alternative_"))
        #expect(
            made.contains(
                "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<p>Hello <b>World</b></p>\r\n--=_alternative_"
            ))
        let given = try serialized {
            $0.text = "Given"
            $0.html = "<p>Hello</p>"
        }
        #expect(given.contains("\r\n\r\nGiven\r\n--=_alternative_"))
    }

    @Test func `Attachments are in multipart/mixed, inline ones in multipart/related`() throws {
        let text = try serialized {
            $0.html = "<img src='cid:logo'>"
            $0.attachments = [
                .init(filename: "logo.png", contentType: "image/png", data: [1, 2, 3], contentID: "logo"),
                .init(filename: "r\u{E9}sum\u{E9} \"x\".pdf", contentType: "application/pdf", data: Array(repeating: 0xFF, count: 100)),
                .init(filename: "invite.ics", contentType: "text/calendar; method=REQUEST", data: []),
                .init(filename: "mail.eml", contentType: "message/rfc822", data: [0]),
                .init(filename: "x", contentType: "a b\r\nBcc: x", data: [0]),
            ]
        }
        let expected = [
            "multipart/mixed;\r\n boundary=", "multipart/alternative;\r\n boundary=", "text/plain; charset=utf-8",
            "multipart/related;\r\n boundary=", "text/html; charset=utf-8",
            "image/png\r\nContent-Disposition: inline;\r\n filename=\"logo.png\"\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\nAQID\r\n--=_related_",
            "application/pdf\r\nContent-Disposition: attachment;\r\n filename*=utf-8''r%C3%A9sum%C3%A9%20%22x%22.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n////",
            "text/calendar; method=REQUEST\r\n", "application/octet-stream\r\nContent-Disposition: attachment;\r\n filename=\"mail.eml\"",
            "application/octet-stream\r\n",
        ]
        var rest = text[...]
        for field in expected {
            let range = try #require(rest.firstRange(of: "Content-Type: " + field), "\(field)")
            rest = rest[range.upperBound...]
        }
    }

    @Test func `A text that contains the boundary gets another one`() throws {
        let first = try serialized { $0.html = "<p>x</p>" }
        let boundary = try #require(first.split(separator: "\"").dropFirst().first.map(String.init))
        let second = try serialized {
            $0.html = "<p>x</p>"
            $0.text = "--\(boundary)--"
        }
        #expect(second.contains("boundary=\"\(boundary)_1\""))
        #expect(second.contains("\r\n--\(boundary)_1--\r\n"))
    }

    @Test func `Serialization is deterministic, and the boundary depends on the id`() throws {
        let first = try serialized { $0.html = "<p>x</p>" }
        #expect(try serialized { $0.html = "<p>x</p>" } == first)
        let boundary = try #require(first.split(separator: "\"").dropFirst().first)
        let other = try serialized {
            $0.html = "<p>x</p>"
            $0.messageID = "other@example.com"
        }
        #expect(!other.contains(boundary))
    }

    @Test func `Any text gives ASCII and short lines`() throws {
        var generator = SeededGenerator(seed: 9)
        let pieces = [
            "a", " ", "é", "日本", "😀", "\r", "\n", "\r\n", "\0", "=", ".", "\t", String(repeating: "x", count: 500), "<p>", "From ",
        ]
        for round in 0..<2000 {
            let body = (0..<Int.random(in: 0...30, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            var message = try sample()
            if round.isMultiple(of: 2) { message.html = body } else { message.text = body }
            let bytes = message.serialized()
            #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0D || $0 == 0x0A || $0 == 0x09 })
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            #expect(lines.last?.isEmpty == true)
            #expect(lines.dropLast().allSatisfy { $0.last == 0x0D && $0.count <= 999 && !$0.dropLast().contains(0x0D) })
        }
    }
}
