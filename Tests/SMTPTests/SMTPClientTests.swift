import MailModel
import NIOSSL
import TestSupport
import Testing

@testable import SMTP

@Suite(.timeLimit(.minutes(1)))
struct SMTPClientTests {
    private static let sender = EmailAddress(validated: "a@example.com")
    private static let recipient = EmailAddress(validated: "b@example.org")
    private static let message = "Subject: x\r\n\r\n.dot\r\n"

    private func client(
        _ relay: ScriptedRelay, _ security: SMTPServer.Security = .none, credentials: SMTPServer.Credentials? = nil,
        timeout: Duration = .seconds(20), tls: TLSConfiguration = .makeClientConfiguration(), host: String = "localhost"
    ) throws -> SMTPClient {
        try SMTPClient(
            SMTPServer(host: host, port: relay.port, security: security, credentials: credentials), clientName: "client.example",
            timeout: timeout, tls: tls)
    }

    private func send(_ client: SMTPClient) async throws(SMTPFailure) {
        try await client.send(from: Self.sender, to: Self.recipient, message: Array(Self.message.utf8))
    }

    private func failure(_ client: SMTPClient) async -> SMTPFailure? {
        do {
            try await send(client)
            return nil
        } catch {
            return error
        }
    }

    @Test func `one session sends many messages`() async throws {
        let relay = try await ScriptedRelay()
        let client = try client(relay, host: "127.0.0.1")
        for _ in 0..<3 { try await send(client) }
        #expect(relay.connections == 1)
        #expect(relay.messages == Array(repeating: "Subject: x\r\n\r\n..dot\r\n", count: 3))
        #expect(relay.lines.prefix(4) == ["EHLO client.example", "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.org>", "DATA"])
        try await relay.close()
    }

    @Test func `many messages at the same time`() async throws {
        let relay = try await ScriptedRelay()
        let client = try client(relay, host: "127.0.0.1")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await self.send(client) } }
            try await group.waitForAll()
        }
        #expect(relay.messages.count == 50)
        try await relay.close()
    }

    @Test(arguments: [SMTPServer.Security.tls, .startTLS])
    func `messages under TLS`(_ security: SMTPServer.Security) async throws {
        let certificate = try TestCertificate(name: "localhost")
        let script: [String: ScriptedRelay.Step] =
            security == .startTLS
            ? ["STARTTLS": .reply("220 go"), "EHLO": .reply("250-relay\r\n250-STARTTLS\r\n250 AUTH PLAIN")]
            : ["EHLO": .reply("250-relay\r\n250 AUTH PLAIN")]
        let relay = try await ScriptedRelay(script, tls: certificate.server)
        let client = try client(relay, security, credentials: .init(user: "u", password: "p"), tls: certificate.client)
        try await send(client)
        #expect(relay.messages.count == 1)
        #expect(relay.lines.contains("AUTH PLAIN AHUAcA=="))
        #expect(relay.lines.firstIndex(of: "STARTTLS") == (security == .startTLS ? 1 : nil))
        try await relay.close()
    }

    @Test(arguments: [SMTPServer.Security.tls, .startTLS])
    func `an untrusted certificate is refused`(_ security: SMTPServer.Security) async throws {
        let script: [String: ScriptedRelay.Step] =
            security == .startTLS ? ["STARTTLS": .reply("220 go"), "EHLO": .reply("250-relay\r\n250 STARTTLS")] : [:]
        let relay = try await ScriptedRelay(script, tls: TestCertificate(name: "localhost").server)
        let failure = await failure(try client(relay, security, credentials: .init(user: "u", password: "p")))
        #expect(failure?.consequence == .closedToUs)
        #expect(failure?.explanation.hasPrefix("TLS failed") == true)
        #expect(relay.messages.isEmpty && !relay.lines.contains { $0.hasPrefix("AUTH") })
        try await relay.close()
    }

    /// CVE-2011-0411, for a client: plain text behind the reply must not count as received under TLS.
    @Test func `plain text behind the reply to STARTTLS ends the session`() async throws {
        let certificate = try TestCertificate(name: "localhost")
        let relay = try await ScriptedRelay(
            ["EHLO": .reply("250-relay\r\n250 STARTTLS"), "STARTTLS": .reply("220 go\r\n250 relay")], tls: certificate.server)
        let failure = await failure(try client(relay, .startTLS, tls: certificate.client))
        #expect(failure != nil)
        #expect(relay.messages.isEmpty)
        try await relay.close()
    }

    @Test(arguments: [
        ("GREETING", SMTPFailure.Consequence.transient), ("EHLO", .transient), ("MAIL", .transient), ("RCPT", .transient),
        ("DATA", .transient), ("CONTENT", .unknown),
    ])
    func `the server closes the connection`(at command: String, consequence: SMTPFailure.Consequence) async throws {
        let relay = try await ScriptedRelay([command: .leave()])
        let failure = await failure(try client(relay))
        #expect(failure == SMTPFailure(consequence, "the server closed the connection"))
        try await relay.close()
    }

    @Test(arguments: ["GREETING", "MAIL"])
    func `the server stops answering`(at command: String) async throws {
        let relay = try await ScriptedRelay([command: .silence])
        let failure = await failure(try client(relay, timeout: .milliseconds(300)))
        #expect(failure == SMTPFailure(.transient, "the server did not answer in time"))
        try await relay.close()
    }

    @Test(arguments: [("RCPT", "550 5.1.1 no such user", SMTPFailure.Consequence.permanent), ("CONTENT", "451 4.3.0 later", .transient)])
    func `the server refuses`(at command: String, reply: String, consequence: SMTPFailure.Consequence) async throws {
        let relay = try await ScriptedRelay([command: .reply(reply)])
        let client = try client(relay)
        #expect(await failure(client) == SMTPFailure(consequence, reply))
        #expect(await failure(client) == SMTPFailure(consequence, reply))
        #expect(relay.connections == 2, "a session in which something went wrong is not used again")
        try await relay.close()
    }

    /// A refusal in a reused session is about the message.
    @Test func `a refusal does not count as the end of a session`() async throws {
        let relay = try await ScriptedRelay(refusesSecond: "451 4.3.0 later")
        let client = try client(relay)
        try await send(client)
        #expect(await failure(client) == SMTPFailure(.transient, "451 4.3.0 later"))
        #expect(relay.connections == 1)
        try await relay.close()
    }

    /// The server ends the session after the first message, as with idle sessions.
    @Test func `a session that the server has closed is replaced`() async throws {
        let relay = try await ScriptedRelay(["CONTENT": .leave("250 taken")])
        let client = try client(relay)
        for _ in 0..<3 { try await send(client) }
        #expect(relay.messages.count == 3)
        #expect(relay.connections == 3)
        try await relay.close()
    }

    @Test func `a server that does not speak SMTP`() async throws {
        let relay = try await ScriptedRelay(["GREETING": .reply("HTTP/1.1 400 Bad Request")])
        let failure = await failure(try client(relay))
        #expect(failure?.consequence == .transient)
        #expect(failure?.explanation.hasPrefix("the server does not speak SMTP") == true)
        try await relay.close()
    }

    @Test func `no server is listening`() async throws {
        let relay = try await ScriptedRelay()
        let client = try client(relay, host: "127.0.0.1")
        try await relay.close()
        #expect(await failure(client) == SMTPFailure(.transient, "Connection refused"))
    }
}
