import Access
import Concurrency
import Logging
import MailModel
import NIOCore
import NIOPosix
import SMTPServer
import Sending
import ServiceLifecycle
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SubmissionDaemonTests {
    private static let token = "master-token-of-the-tests"

    /// Runs a server while `body` talks to its port.
    private func withServer(
        _ change: (inout SubmissionDaemon.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int, _ stop: @escaping @Sendable () async -> Void, Store) async throws -> Void
    ) async throws {
        var configuration = SubmissionDaemon.Configuration(hostName: "mx.example", maximumBytes: 100_000)
        change(&configuration)
        let settings = configuration
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let service = SubmissionService(
                store: store, authenticator: Authenticator(store: store, masterToken: Self.token),
                submission: Submission(store: store, gate: Gate()), memory: MemoryBudget(bytes: 1 << 24), repetitionWindow: .zero,
                logger: logger)
            let address = try #require(SubmissionAddress("127.0.0.1:1"))
            var free = address
            free.port = 0
            let (ports, listening) = AsyncStream.makeStream(of: Int.self)
            let daemon = SubmissionDaemon(free, service: service, certificate: nil, configuration: settings, logger: logger) { port in
                if let port { listening.yield(port) }
            }
            let group = ServiceGroup(services: [daemon], logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                var iterator = ports.makeAsyncIterator()
                let port = try #require(await iterator.next())
                try await body(port, { await group.triggerGracefulShutdown() }, store)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    /// Talks to a server: sends a text and returns what comes until a text is in it, or until the end.
    private func talk(
        _ port: Int, _ body: (_ say: (String, _ until: String?) async throws -> String) async throws -> Void
    ) async throws {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        try await client.executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            try await body { text, end in
                if !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
                var answer = ""
                while end.map({ !answer.contains($0) }) ?? true, let bytes = try await iterator.next() { answer += String(buffer: bytes) }
                return answer
            }
        }
    }

    private static let logIn = "EHLO x\r\nAUTH PLAIN AHVzZXIAbWFzdGVyLXRva2VuLW9mLXRoZS10ZXN0cw==\r\n"
    private static let envelope = "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n"

    @Test func aMessageIsAcceptedOverAConnection() async throws {
        try await withServer { port, _, store in
            try await talk(port) { say in
                _ = try await say(Self.logIn, "235")
                _ = try await say(Self.envelope, "354")
                let answer = try await say("From: a@shop.example\r\n\r\n..\r\n.\r\nQUIT\r\n", nil)
                #expect(answer.hasPrefix("250 2.0.0 OK ") && answer.hasSuffix("221 2.0.0 Bye\r\n"))
            }
            #expect(try await store.read { try $0.domains.find(named: DomainName("shop.example"))?.counters.sentToday } == 1)
        }
    }

    /// Neither a command that never ends nor a message that never ends keeps a connection.
    @Test(arguments: ["EHLO", logIn + envelope + "From: a@shop.example\r\n"])
    func slowClientsAreSentAway(text: String) async throws {
        try await withServer {
            $0.commandTimeout = .milliseconds(100)
        } _: { port, _, store in
            try await talk(port) { say in
                let answer = try await say(text, nil)
                #expect(answer.hasSuffix("421 4.4.2 You have taken too long\r\n"))
            }
            #expect(try await store.read { try $0.emails.newestTime() } == nil)
        }
    }

    @Test func aShutdownAnswersTheMessageUnderWay() async throws {
        try await withServer { port, stop, _ in
            try await talk(port) { say in
                _ = try await say(Self.logIn, "235")
                _ = try await say(Self.envelope, "354")
                await stop()
                await untilRefused(port)
                let answer = try await say("From: a@shop.example\r\n\r\nhello\r\n.\r\n", nil)
                #expect(answer.hasPrefix("250 2.0.0 OK ") && answer.contains("421 4.3.2 "))
            }
        }
    }

    /// Waits until no connection is accepted any more.
    private func untilRefused(_ port: Int) async {
        while (try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port).get().close())
            != nil
        {
            await Task.yield()
        }
    }

    @Test func connectionsOfAClientAreBounded() async throws {
        try await withServer {
            $0.connectionsOfClient = 1
        } _: { port, _, _ in
            try await talk(port) { say in
                _ = try await say("", "220")
                try await talk(port) { other in
                    let answer = try await other("", nil)
                    #expect(answer == "421 4.7.0 Too many connections, try again later\r\n")
                }
            }
        }
    }
}
