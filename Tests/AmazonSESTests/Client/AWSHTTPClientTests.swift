import Testing

@testable import AmazonSES

@Suite(.timeLimit(.minutes(1))) struct AWSHTTPClientTests {
    private func exchange(
        _ url: String, body: String = "x", timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(20),
        maximumBytes: Int = 1000
    ) async throws -> Result<HTTPAnswer, HTTPFailure> {
        let request = OutgoingRequest(method: "POST", url: url, body: Array(body.utf8))
        return try await withHTTPClient(connectTimeout: connectTimeout) { http in
            do {
                let answer = try await http.exchange(request, timeout: timeout, maximumBytes: maximumBytes)
                return .success(answer)
            } catch {
                return .failure(error as? HTTPFailure ?? HTTPFailure(reason: "\(error)", bodyWasSent: false))
            }
        }
    }

    @Test func `sends a large body completely`() async throws {
        let large = String(repeating: "0123456789", count: 500_000)
        let answer = try await withServer {
            .answer($0.body == large ? 200 : 400, "ok")
        } _: {
            try await exchange($0, body: large)
        }.get()
        #expect(answer.status == 200)
        #expect(answer.body == Array("ok".utf8))
    }

    @Test func `follows no redirect`() async throws {
        let requests = Shared(0)
        let answer = try await withServer { _ in
            requests.update { $0 += 1 }
            return .redirect("/elsewhere")
        } _: {
            try await exchange($0)
        }.get()
        #expect(answer.status == 302)
        #expect(requests.value == 1)
    }

    @Test func `an answer that is too large is an error`() async throws {
        let result = try await withServer { _ in
            .answer(200, String(repeating: "x", count: 1001))
        } _: {
            try await exchange($0)
        }
        #expect(throws: HTTPFailure.self) { try result.get() }
        guard case .failure(let failure) = result else { return }
        #expect(failure.isTooLarge)
    }

    @Test(arguments: ["http://127.0.0.1:1/", "http://name.invalid/", "no url"])
    func `reports that nothing was sent`(_ url: String) async throws {
        guard case .failure(let failure) = try await exchange(url, connectTimeout: .milliseconds(500)) else {
            Issue.record("there was an answer")
            return
        }
        #expect(!failure.bodyWasSent)
    }

    @Test func `reports that nothing was sent when TLS failed`() async throws {
        let result = try await withServer { _ in
            .answer(200)
        } _: {
            try await exchange($0.replacing("http:", with: "https:"))
        }
        guard case .failure(let failure) = result else {
            Issue.record("there was an answer")
            return
        }
        #expect(!failure.bodyWasSent)
    }

    @Test(arguments: [Reply.close, .hang])
    func `reports that the request was sent`(_ reply: Reply) async throws {
        let result = try await withServer { _ in
            reply
        } _: {
            try await exchange($0, timeout: reply.patience)
        }
        guard case .failure(let failure) = result else {
            Issue.record("there was an answer")
            return
        }
        #expect(failure.bodyWasSent)
    }
}
