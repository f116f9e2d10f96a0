import Foundation
import Logging
import MailModel
import NIOCore
import NIOPosix
import PolicyServer
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PolicyServerTests {
    @Test(arguments: [true, false])
    func manyRequestsOnAConnection(isUnix: Bool) async throws {
        try await withServer(isUnix: isUnix) { server in
            let client = try await server.connect()
            for number in 0..<20 { try await client.send(PolicyRequest.sample { $0.instance = "\(number)" }.encoded) }
            #expect(await client.answers(20) == Array(repeating: "action=DUNNO\n\n", count: 20).joined())
            #expect(try await server.policy.sent == 20)
            try await client.close()
        }
    }

    /// All are sent in one write; the limit is reached between the third and the fourth.
    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer(configure: { $0.outbound.dailyLimit = 3 }) { server in
            let client = try await server.connect()
            try await client.send((0..<5).map { number in PolicyRequest.sample { $0.instance = "\(number)" }.encoded }.joined())
            let answers = await client.answers(5).split(separator: "\n").map { $0.prefix(12) }
            #expect(answers == ["action=DUNNO", "action=DUNNO", "action=DUNNO", "action=DEFER", "action=DEFER"])
            try await client.close()
        }
    }

    @Test func aClientThatClosesItsSideIsStillAnswered() async throws {
        try await withServer { server in
            let client = try await server.connect()
            try await client.send(PolicyRequest.sample().encoded + PolicyRequest.sample().encoded)
            try await client.closeOutput()
            #expect(await client.everything() == "action=DUNNO\n\naction=DUNNO\n\n")
        }
    }

    @Test(arguments: [String(repeating: "x", count: 1_048_576), "GET / HTTP/1.1\r\n\r\n", "request=other\n\n", "\n"])
    func aMalformedRequestClosesThatConnectionOnly(_ junk: String) async throws {
        try await withServer { server in
            let good = try await server.connect()
            let bad = try await server.connect()
            try await bad.send(PolicyRequest.sample().encoded)
            #expect(await bad.answers(1) == "action=DUNNO\n\n")
            // The server may close while this client is writing.
            try? await bad.send(junk)
            #expect(await bad.everything() == "")
            try await good.send(PolicyRequest.sample { $0.instance = "good" }.encoded)
            #expect(await good.answers(1) == "action=DUNNO\n\n")
            try await good.close()
        }
    }

    @Test func idleConnectionsAreClosed() async throws {
        try await withServer(change: { $0.idleTimeout = .milliseconds(50) }) { server in
            let client = try await server.connect()
            try await client.send("request=smtpd_access_policy\n")
            #expect(await client.everything() == "")
        }
    }

    @Test func connectionsOverTheLimitAreClosed() async throws {
        try await withServer(change: { $0.connections = 1 }) { server in
            let first = try await server.connect()
            try await first.send(PolicyRequest.sample().encoded)
            #expect(await first.answers(1) == "action=DUNNO\n\n")
            let second = try await server.connect()
            #expect(await second.everything() == "")
            try await first.close()
        }
    }

    @Test func aShutdownAnswersWhatWasReadAndClosesIdleConnections() async throws {
        try await withServer { server in
            let idle = try await server.connect()
            try await idle.send(PolicyRequest.sample { $0.instance = "idle" }.encoded)
            #expect(await idle.answers(1) == "action=DUNNO\n\n")
            let busy = try await server.connect()
            try await busy.send((0..<200).map { number in PolicyRequest.sample { $0.instance = "\(number)" }.encoded }.joined())
            // At least one: a piece of what was received may hold several.
            let before = await busy.answers(1)
            server.shutDown()
            #expect(await idle.everything() == "")
            // Each counted request was answered, and no answer is incomplete.
            let rest = await busy.everything()
            #expect(rest.hasSuffix("\n\n") || rest.isEmpty)
            #expect(try await server.policy.sent == Int64((before + rest).split(separator: "\n").count + 1))
        }
    }

    @Test func theProbeIsNotCounted() async throws {
        try await withServer { server async throws in
            #expect(try await PolicyProbe(server.address).run() == "DUNNO")
            #expect(try await server.policy.sent == 0)
        }
        await #expect(throws: PolicyProbe.Failure.self) { try await PolicyProbe(.unix(path: "/no/such/socket")).run() }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct PolicyListenerTests {
    @Test func aStaleSocketIsReplaced() async throws {
        let path = temporaryPath()
        try await leaveSocket(at: path)
        let listener = try await PolicyListener.open(.unix(path: path), idleTimeout: .seconds(1))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o666)
        try await listener.executeThenClose { _ in }
        unlink(path)
    }

    @Test func aSocketInUseIsNotReplaced() async throws {
        let path = temporaryPath()
        let listener = try await PolicyListener.open(.unix(path: path), idleTimeout: .seconds(1))
        await #expect(throws: PolicyListenError.self) { try await PolicyListener.open(.unix(path: path), idleTimeout: .seconds(1)) }
        try await listener.executeThenClose { connections in
            // The check whether a process listens has connected.
            for try await connection in connections { return try await connection.executeThenClose { _, _ in } }
        }
        unlink(path)
    }

    @Test func aFileIsNotRemoved() async throws {
        let path = temporaryPath()
        try Data("mine".utf8).write(to: URL(filePath: path))
        await #expect(throws: PolicyListenError.self) { try await PolicyListener.open(.unix(path: path), idleTimeout: .seconds(1)) }
        #expect(FileManager.default.fileExists(atPath: path))
        unlink(path)
    }

    /// Creates a second link to the socket, which is left when the listener closes and removes the first: as after a process was killed.
    private func leaveSocket(at path: String) async throws {
        let first = temporaryPath()
        let listener = try await PolicyListener.open(.unix(path: first), idleTimeout: .seconds(1))
        #expect(link(first, path) == 0)
        try await listener.executeThenClose { _ in }
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
