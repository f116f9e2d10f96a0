import TestSupport
import Testing

@testable import SMTP

struct SMTPReplyTests {
    private static let stream = Array("220 relay.example ESMTP\r\n250-relay.example\r\n250-SIZE 1000\n250 STARTTLS\r\n354\r\n".utf8)
    private static let replies = [
        SMTPReply(code: 220, lines: ["relay.example ESMTP"]), SMTPReply(code: 250, lines: ["relay.example", "SIZE 1000", "STARTTLS"]),
        SMTPReply(code: 354, lines: [""]),
    ]

    @Test func `replies are parsed from pieces`() throws {
        for cut in 0...Self.stream.count {
            var parser = SMTPReplyParser()
            let found = try parser.feed(Self.stream[..<cut]) + parser.feed(Self.stream[cut...])
            #expect(found == Self.replies)
            #expect(parser.isEmpty)
        }
        var parser = SMTPReplyParser()
        #expect(try Self.stream.flatMap { try parser.feed([$0]) } == Self.replies)
    }

    @Test func `a part of a reply is noticed`() throws {
        for part in ["2", "250-x\r\n", "250 x"] {
            var parser = SMTPReplyParser()
            #expect(try parser.feed(part.utf8).isEmpty)
            #expect(!parser.isEmpty)
        }
    }

    @Test(arguments: [
        "\r\n", "25\r\n", "2x0 y\r\n", "199 y\r\n", "600 y\r\n", "250y\r\n", "250-a\r\n251 b\r\n", "HTTP/1.1 400 Bad Request\r\n",
        String(repeating: "2", count: SMTPReplyParser.longestLine + 1),
        String(repeating: "250-x\r\n", count: SMTPReplyParser.mostLines + 1),
    ])
    func `malformed replies are refused`(text: String) {
        var parser = SMTPReplyParser()
        #expect(throws: SMTPReplyParser.Malformed.self) { try parser.feed(text.utf8) }
    }

    @Test func `control characters in replies are replaced`() throws {
        var parser = SMTPReplyParser()
        let reply = try parser.feed(Array("550 \u{1B}[31mno\0\r\n".utf8) + [0x35, 0x35, 0x30, 0x20, 0xFF, 0x0A]).map(\.description)
        #expect(reply == ["550 \u{FFFD}[31mno\u{FFFD}", "550 \u{FFFD}"])
    }

    @Test func `arbitrary bytes do not crash`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            var parser = SMTPReplyParser()
            _ = try? parser.feed(Self.stream.mutated(using: &random))
        }
    }
}
