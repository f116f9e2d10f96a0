import MIME
import MailModel
import TestSupport
import Testing

/// Header fields of a serialized message.
struct HeaderTests {
    @Test(arguments: [
        ("Hello", "Hello"), ("", ""), ("Re: 50 % off!", "Re: 50 % off!"), ("Grüße", "=?utf-8?b?R3LDvMOfZQ==?="),
        ("Grüße an alle hier, dort", "=?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle_hier=2C_dort?="), ("a=b? c", "a=b? c"),
        ("a=?b", "=?utf-8?q?a=3D=3Fb?="),
        (" a", "=?utf-8?q?_a?="), ("a  b", "=?utf-8?q?a__b?="), ("日本語", "=?utf-8?b?5pel5pys6Kqe?="),
        ("a\r\nBcc: x", "=?utf-8?q?a__Bcc=3A_x?="), ("a\0b", "a b"), ("\u{85}x", "=?utf-8?q?_x?="),
    ])
    func `Subjects`(subject: String, field: String) throws {
        var message = try sample()
        message.subject = subject
        #expect(lines(of: message).contains(field.isEmpty ? "Subject:" : "Subject: " + field))
        #expect(!lines(of: message).contains { $0.hasPrefix("Bcc") })
    }

    @Test(arguments: [
        (nil, "a@example.com"), ("", "a@example.com"), ("Ann Lee", "Ann Lee <a@example.com>"), ("Lee, Ann", "\"Lee, Ann\" <a@example.com>"),
        ("J. \"X\" \\", "\"J. \\\"X\\\" \\\\\" <a@example.com>"),
        ("Zoë", "=?utf-8?q?Zo=C3=AB?= <a@example.com>"), ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@example.com>"),
        ("a@b.example", "\"a@b.example\" <a@example.com>"),
        ("x\r\nBcc: y", "\"x  Bcc: y\" <a@example.com>"),
    ])
    func `Display names`(name: String?, field: String) throws {
        var message = try sample()
        message.toName = name
        message.to = try EmailAddress("a@example.com")
        #expect(lines(of: message).contains("To: " + field))
    }

    @Test(
        arguments: [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (1_709_251_199_999, "Thu, 29 Feb 2024 23:59:59 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (1_785_542_400_000, "Sat, 1 Aug 2026 00:00:00 +0000"),
        ] as [(Int64, String)])
    func `Dates`(milliseconds: Int64, field: String) throws {
        var message = try sample()
        message.date = Timestamp(milliseconds: milliseconds)
        #expect(lines(of: message).contains("Date: " + field))
    }

    @Test func `Reply-To, Message-ID and headers of our own`() throws {
        var message = try sample()
        message.replyTo = [
            Mailbox(address: try EmailAddress("one@example.com")), Mailbox(name: "Two, Ltd.", address: try EmailAddress("two@example.com")),
        ]
        message.cc = [Mailbox(name: "Zoë", address: try EmailAddress("zoe@example.com"))]
        message.headers = [("X-Martlet-Id", "0192"), ("Bad Name", "x"), ("Bad:Name", "x"), ("", "x"), ("X-Evil", "a\r\nBcc: b")]
        let lines = lines(of: message)
        #expect(lines.contains("Reply-To: one@example.com, \"Two, Ltd.\" <two@example.com>"))
        #expect(lines.contains("Cc: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>"))
        #expect(lines.contains("Message-ID: <id@example.com>"))
        #expect(lines.contains("X-Martlet-Id: 0192"))
        #expect(lines.contains("X-Evil: a  Bcc: b"))
        #expect(!lines.contains { $0.hasPrefix("Bad") || $0.hasPrefix(":") || $0.hasPrefix("Bcc") })
    }

    @Test(arguments: [
        ("https://m.example/u/" + String(repeating: "t", count: 500), true),
        ("https://m.example/u/" + String(repeating: "t", count: 900), false),
    ])
    func `List-Unsubscribe is on one line or left out`(url: String, fits: Bool) throws {
        var message = try sample()
        message.listUnsubscribe = url
        #expect(lines(of: message).contains("List-Unsubscribe: <\(url)>") == fits)
        #expect(lines(of: message).contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click") == fits)
        message.listUnsubscribe = nil
        #expect(!lines(of: message).contains { $0.hasPrefix("List-") })
    }

    @Test func `A URL cannot end its field`() throws {
        var message = try sample()
        message.listUnsubscribe = "https://m.example/>\r\nBcc: é"
        #expect(lines(of: message).contains("List-Unsubscribe: <https://m.example/%3E%0D%0ABcc:%20%C3%A9>"))
    }

    /// For any texts: one field each, lines of at most 76 characters where they can be folded, and never more than 998.
    @Test func `Fields are folded and none is added`() throws {
        var generator = SeededGenerator(seed: 5)
        let pieces = [
            "a", " ", "word", "é", "日本", "😀", ":", ",", "=?", "\"", "\r\n", "\0", String(repeating: "x", count: 50),
            String(repeating: "y", count: 1200),
        ]
        for _ in 0..<3000 {
            func text() -> String {
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            }
            var message = try sample()
            (message.subject, message.toName, message.fromName) = (text(), text(), text())
            message.headers = [("X-" + String(repeating: "n", count: 70), text())]
            let lines = lines(of: message)
            if let long = lines.first(where: { $0.utf8.count > 998 || $0.utf8.count > 76 && $0.contains("=?utf-8") }) {
                Issue.record("\(long)")
            }
            #expect(lines.filter { !$0.hasPrefix(" ") }.count == 9)
            #expect(!lines.contains { $0.allSatisfy { $0 == " " } })
        }
    }

    private func lines(of message: OutgoingMessage) -> [String] {
        let text = String(decoding: message.serialized(), as: UTF8.self)
        let header = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return header.split(separator: "\r\n").map(String.init)
    }
}

func sample() throws -> OutgoingMessage {
    var message = OutgoingMessage(
        from: try EmailAddress("from@example.com"), to: try EmailAddress("to@example.com"), subject: "S", messageID: "id@example.com",
        date: Timestamp(milliseconds: 0))
    message.text = "Hello"
    return message
}
