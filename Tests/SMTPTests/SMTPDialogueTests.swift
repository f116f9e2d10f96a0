import MailModel
import NIOCore
import Testing

@testable import SMTP

struct SMTPDialogueTests {
    private static let plain = SMTPServer(host: "relay.example", port: 25, security: .none)
    private static let secure = SMTPServer(host: "relay.example", port: 587, security: .startTLS)
    private static let login = SMTPServer(
        host: "relay.example", port: 465, security: .tls, credentials: .init(user: "u", password: "p"))

    /// Passes replies to a session, each written as its lines with `|` between them.
    ///
    /// - Returns: the session and its last action.
    private func session(_ server: SMTPServer, _ replies: String...) -> (SMTPDialogue, SMTPDialogue.Action?) {
        var dialogue = SMTPDialogue(server, clientName: "client.example")
        var action: SMTPDialogue.Action?
        for reply in replies {
            let code = Int(reply.prefix(3)) ?? 0
            action = dialogue.received(SMTPReply(code: code, lines: reply.dropFirst(4).split(separator: "|").map(String.init)))
            if action == .startTLS { action = dialogue.tlsStarted() }
            if action == .ready { action = dialogue.begin(from: address("a@example.com"), to: address("b@example.org")) }
        }
        return (dialogue, action)
    }

    private func address(_ text: String) -> EmailAddress { EmailAddress(validated: text) }

    @Test func `a message is sent`() {
        let greeting = ["220 hello", "250 relay", "250 ok", "250 ok", "354 go on", "250 taken"]
        let expected: [SMTPDialogue.Action] = [
            .send("EHLO client.example"), .send("MAIL FROM:<a@example.com>"), .send("RCPT TO:<b@example.org>"), .send("DATA"), .sendContent,
            .accepted,
        ]
        var dialogue = SMTPDialogue(Self.plain, clientName: "client.example")
        for (reply, action) in zip(greeting, expected) {
            var found = dialogue.received(SMTPReply(code: Int(reply.prefix(3)) ?? 0, lines: [String(reply.dropFirst(4))]))
            if found == .ready { found = dialogue.begin(from: address("a@example.com"), to: address("b@example.org")) }
            #expect(found == action)
        }
        #expect(dialogue.begin(from: address("c@example.com"), to: address("d@example.org")) == .send("MAIL FROM:<c@example.com>"))
    }

    @Test func `no message is sent before TLS`() {
        #expect(session(Self.secure, "220 x", "250 relay|STARTTLS|AUTH PLAIN").1 == .send("STARTTLS"))
        #expect(session(Self.secure, "220 x", "250 relay|STARTTLS", "220 go").1 == .send("EHLO client.example"))
        #expect(session(Self.secure, "220 x", "250 relay|STARTTLS", "220 go", "250 relay").1 == .send("MAIL FROM:<a@example.com>"))
        #expect(
            session(Self.secure, "220 x", "250 relay|AUTH PLAIN").1 == .fail(SMTPFailure(.closedToUs, "the server offers no STARTTLS")))
        #expect(session(Self.secure, "220 x", "250 relay|STARTTLS", "454 not now").1 == .fail(SMTPFailure(.transient, "454 not now")))
    }

    @Test func `authentication by an offered mechanism`() {
        #expect(session(Self.login, "220 x", "250 relay|AUTH LOGIN PLAIN").1 == .send("AUTH PLAIN AHUAcA=="))
        #expect(session(Self.login, "220 x", "250 relay|auth plain", "235 ok").1 == .send("MAIL FROM:<a@example.com>"))
        #expect(session(Self.login, "220 x", "250 relay|AUTH LOGIN").1 == .send("AUTH LOGIN"))
        #expect(session(Self.login, "220 x", "250 relay|AUTH LOGIN", "334 VXNlcg==").1 == .send("dQ=="))
        #expect(session(Self.login, "220 x", "250 relay|AUTH LOGIN", "334 x", "334 y").1 == .send("cA=="))
        #expect(session(Self.login, "220 x", "250 relay|AUTH LOGIN", "334 x", "334 y", "235 ok").1 == .send("MAIL FROM:<a@example.com>"))
        #expect(
            session(Self.login, "220 x", "250 relay|AUTH GSSAPI").1
                == .fail(SMTPFailure(.closedToUs, "the server offers neither AUTH PLAIN nor AUTH LOGIN")))
        #expect(session(Self.login, "220 x", "250 relay|AUTH PLAIN", "535 wrong").1 == .fail(SMTPFailure(.closedToUs, "535 wrong")))
        #expect(session(Self.login, "220 x", "250 relay|AUTH PLAIN", "454 later").1 == .fail(SMTPFailure(.transient, "454 later")))
    }

    /// The number of positive replies before a refusal, and the consequence of it.
    @Test(arguments: [
        (0, 421, SMTPFailure.Consequence.transient), (0, 554, .closedToUs), (1, 502, .closedToUs), (2, 451, .transient),
        (2, 550, .permanent), (2, 530, .closedToUs), (3, 450, .transient), (3, 550, .permanent), (4, 452, .transient), (4, 554, .permanent),
        (5, 451, .transient), (5, 554, .permanent), (5, 552, .permanent), (3, 354, .transient), (1, 220, .transient),
    ])
    func `consequences of refusals`(after count: Int, code: Int, consequence: SMTPFailure.Consequence) {
        var dialogue = SMTPDialogue(Self.plain, clientName: "c")
        for good in [220, 250, 250, 250, 354].prefix(count) {
            if dialogue.received(SMTPReply(code: good, lines: ["ok"])) == .ready {
                _ = dialogue.begin(from: address("a@example.com"), to: address("b@example.org"))
            }
        }
        #expect(dialogue.received(SMTPReply(code: code, lines: ["no"])) == .fail(SMTPFailure(consequence, "\(code) no")))
    }

    /// Only after the end of the message the server may have accepted it.
    @Test(arguments: 0...6)
    func `consequences of a broken connection`(after count: Int) {
        var dialogue = SMTPDialogue(Self.plain, clientName: "c")
        for good in [220, 250, 250, 250, 354, 250].prefix(count) {
            if dialogue.received(SMTPReply(code: good, lines: ["ok"])) == .ready {
                _ = dialogue.begin(from: address("a@example.com"), to: address("b@example.org"))
            }
        }
        #expect(dialogue.disconnected("gone") == SMTPFailure(count == 5 ? .unknown : .transient, "gone"))
    }

    @Test(arguments: [
        ("", ".\r\n"), ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
        ("a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n.\r\n"),
        ("a.b\r\n", "a.b\r\n.\r\n"),
    ])
    func `dot stuffing`(message: String, wire: String) {
        #expect(String(buffer: ByteBuffer(dotStuffing: Array(message.utf8))) == wire)
    }

    @Test(arguments: [
        ("smtp://relay.example", SMTPServer(host: "relay.example", port: 587, security: .startTLS)),
        ("smtp://relay.example/", SMTPServer(host: "relay.example", port: 587, security: .startTLS)),
        ("smtp://127.0.0.1:2525?tls=off", SMTPServer(host: "127.0.0.1", port: 2525, security: .none)),
        ("smtp://relay.example?tls=off", SMTPServer(host: "relay.example", port: 25, security: .none)),
        ("smtps://[2001:db8::1]", SMTPServer(host: "2001:db8::1", port: 465, security: .tls)),
        (
            "smtps://me%40example.com:p%2F%3A@relay.example:4465",
            SMTPServer(host: "relay.example", port: 4465, security: .tls, credentials: .init(user: "me@example.com", password: "p/:"))
        ),
        ("smtps://relay.example?tls=off", nil), ("smtp://relay.example?tls=no", nil), ("smtp://relay.example/path", nil), ("smtp://", nil),
        ("smtp://relay.example:0", nil), ("smtp://relay.example:70000", nil), ("http://relay.example", nil), ("relay.example:25", nil),
        ("", nil),
    ])
    func `server URLs`(text: String, server: SMTPServer?) {
        #expect(SMTPServer(url: text) == server)
    }
}
