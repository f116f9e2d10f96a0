import Concurrency
import Hummingbird
import HummingbirdTesting
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// Behaviour that is visible on a connection only.
@Suite(.timeLimit(.minutes(1)))
struct WireTests {
    private static let authorization = "Authorization: Bearer \(APIHarness.master)"

    private func withServer(_ body: @escaping @Sendable (APIHarness, Int) async throws -> Void) async throws {
        try await withAPI(.live) { api in
            try await body(api, try #require(api.client.port))
        }
    }

    @Test func ordinaryRequests() async throws {
        try await withServer { api, _ in
            _ = try await api.store.makeDomain("example.com")
            let sent = try await api.send(
                .post, "/emails", body: #"{"to": "a@example.org", "from": "b@example.com", "text": "hello", "subject": "Hi"}"#)
            #expect(sent.status == 202)
            let counted = try await api.send(.post, "/domains/example.com/outbound/increment")
            #expect(counted.object["outbound_sent_today"]?.integerValue == 2, "\(counted.text)")
            let large = String(repeating: "x", count: 1_000_000)
            let echoed = try await api.send(
                .post, "/emails", body: #"{"to": "a@example.org", "from": "b@example.com", "text": "\#(large)", "subject": "Hi"}"#)
            #expect(echoed.status == 202 && echoed.data["text"]?.stringValue == large)
        }
    }

    /// A length over the limit is refused before a byte of the body is read.
    @Test func announcedTooLarge() async throws {
        try await withServer { _, port in
            let answer = try await RawConnection.exchange(
                "POST /emails HTTP/1.1\r\nHost: x\r\n\(Self.authorization)\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{",
                port: port, until: { $0.contains("\"data\"") })
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(answer.contains("The body is larger than 2446680 bytes"))
        }
    }

    @Test func chunkedTooLarge() async throws {
        try await withServer { _, port in
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            let answer = try await RawConnection.exchange(
                "POST /domains HTTP/1.1\r\nHost: x\r\n\(Self.authorization)\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\(chunk)0\r\n\r\n",
                port: port, until: { $0.contains("detail") })
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func chunkedBody() async throws {
        try await withServer { _, port in
            let answer = try await RawConnection.exchange(
                "POST /domains HTTP/1.1\r\nHost: x\r\n\(Self.authorization)\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "8\r\n{\"name\":\r\n16\r\n \"chunked.example.com\"\r\n1\r\n}\r\n0\r\n\r\n",
                port: port, until: { $0.hasSuffix("}") })
            #expect(answer.hasPrefix("HTTP/1.1 201 "))
        }
    }

    /// The rest of a body that is longer than its `Content-Length` is refused as a request, and the connection is closed.
    @Test func lengthTooShort() async throws {
        try await withServer { _, port in
            let answer = try await RawConnection.exchange(
                "POST /domains HTTP/1.1\r\nHost: x\r\n\(Self.authorization)\r\nContent-Length: 2\r\n\r\n{\"name\": \"a.example\"}",
                port: port)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "x", count: 100_000) + "\r\n\r\n",
        "POST /domains HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /domains HTTP/1.1\r\nHost: x\r\n\(authorization)\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n",
        "POST /domains HTTP/1.1\r\nHost: x\r\n\(authorization)\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{zz\r\n",
        "GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n",
    ])
    func malformedRequests(request: String) async throws {
        try await withServer { api, port in
            let answer = try await RawConnection.exchange(request, port: port)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 401 "))
            #expect(try await api.send(.get, "/healthz", token: "").status == 200)
        }
    }

    /// Requests on one connection are answered in order, also those whose body is not read.
    @Test func pipelining() async throws {
        try await withServer { _, port in
            let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            let unread = "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
            let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = try await RawConnection.exchange(get + unread + get + last, port: port, until: { $0.components("HTTP/1.1") == 4 })
            let statuses = answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["200", "404", "200", "200"])
        }
    }

    /// The token is checked before the body is read: the rest of this one never comes.
    @Test(arguments: ["nonsense", "AAAA"]) func `a link that is none is answered without its body`(token: String) async throws {
        try await withServer { _, port in
            let answer = try await RawConnection.exchange(
                "POST /u/\(token) HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\na=b&", port: port, until: { $0.contains("</html>") })
            #expect(answer.hasPrefix("HTTP/1.1 404 "))
        }
    }

    /// A body of which only the beginning came counts with what came, and no longer than its request lasts.
    @Test func `bodies beyond the memory of all requests are refused`() async throws {
        let memory = MemoryBudget(bytes: 1 << 20)
        try await withAPI(.live, memory: memory) { api in
            let port = try #require(api.client.port)
            let half = String(repeating: "x", count: 100_000)
            let answer = try await RawConnection.exchange(
                "POST /webhooks/ses HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n\(half)", port: port,
                until: { $0.contains("detail") })
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.lowercased().contains("\r\nretry-after: 1\r\n"))
            #expect(memory.heldBytes == 0)
            // One that is known asks for all of it before anything is read.
            let refused = try await RawConnection.exchange(
                "POST /emails HTTP/1.1\r\nHost: x\r\n\(Self.authorization)\r\nContent-Length: 600000\r\n\r\n{", port: port,
                until: { $0.contains("\"data\"") })
            #expect(refused.hasPrefix("HTTP/1.1 503 "))
            let email = #"{"to": "a@example.org", "from": "b@example.com", "subject": "s", "text": "x"}"#
            #expect(try await api.send(.post, "/emails", body: email).status == 403, "small enough, though not allowed")
            #expect(memory.heldBytes == 0)
        }
    }

    /// Failures are counted by the address of the connection.
    @Test func throttleByAddress() async throws {
        try await withServer { api, _ in
            for _ in 1...10 { _ = try await api.send(.get, "/domains", token: "x") }
            let answer = try await api.send(.get, "/emails", token: "x")
            #expect(answer.status == 429)
        }
    }
}

extension String {
    /// The number of occurrences of `part`, where the text ends with a complete answer.
    fileprivate func components(_ part: String) -> Int {
        hasSuffix("ok\n") ? split(separator: part).count : 0
    }
}
