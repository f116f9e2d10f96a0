import MailModel
import Testing

@testable import AmazonSES

/// A source of credentials that a test controls, and that counts its calls.
private final class Source: CredentialsSource {
    let name: String
    let asked = Shared(0)
    let answer: Shared<Result<AWSCredentials?, CredentialsError>>
    /// Called while a fetch is under way.
    let during: @Sendable () async -> Void

    init(_ answer: Result<AWSCredentials?, CredentialsError>, name: String = "test", during: @escaping @Sendable () async -> Void = {}) {
        self.name = name
        self.answer = Shared(answer)
        self.during = during
    }

    func find() async throws(CredentialsError) -> AWSCredentials? {
        asked.update { $0 += 1 }
        await during()
        return try answer.value.get()
    }
}

private let broken = CredentialsError("broken")

@Suite(.timeLimit(.minutes(1))) struct CredentialChainTests {
    private let clock = Shared(Timestamp.at("2026-01-01T00:00:00Z"))

    private func chain(_ sources: Source...) -> CredentialChain {
        let clock = clock
        return CredentialChain(sources: sources, logger: silent) { clock.value }
    }

    private func temporary(_ id: String, seconds: Int) -> AWSCredentials {
        AWSCredentials(accessKeyID: id, secretAccessKey: "s", sessionToken: "t", expiresAt: clock.value + .seconds(seconds))
    }

    @Test func `uses the first source that has credentials`() async throws {
        let first = Source(.success(nil))
        let second = Source(.success(exampleCredentials))
        let third = Source(.failure(broken))
        let chain = chain(first, second, third)
        #expect(try await chain.credentials() == exampleCredentials)
        #expect(try await chain.credentials() == exampleCredentials)
        #expect([first, second, third].map(\.asked.value) == [1, 1, 0])
    }

    @Test func `a failing source is not skipped`() async {
        let second = Source(.success(exampleCredentials))
        await #expect(throws: broken) { try await chain(Source(.failure(broken)), second).credentials() }
        #expect(second.asked.value == 0)
    }

    @Test func `no credentials at all is an error that names the sources`() async {
        let chain = chain(Source(.success(nil), name: "environment"), Source(.success(nil), name: "instance"))
        let error = await #expect(throws: CredentialsError.self) { try await chain.credentials() }
        #expect(error?.description == "no AWS credentials in the environment, instance")
    }

    @Test func `temporary credentials are fetched again before they expire`() async throws {
        let source = Source(.success(temporary("one", seconds: 3600)))
        let chain = chain(source)
        _ = try await chain.credentials()
        clock.update { $0 = $0 + .seconds(3299) }
        #expect(try await chain.credentials().accessKeyID == "one")
        source.answer.update { [next = temporary("two", seconds: 3600)] in $0 = .success(next) }
        clock.update { $0 = $0 + .seconds(2) }
        #expect(try await chain.credentials().accessKeyID == "two")
        #expect(source.asked.value == 2)
    }

    @Test func `while fetching fails, valid credentials are used further`() async throws {
        let source = Source(.success(temporary("one", seconds: 600)))
        let chain = chain(source)
        _ = try await chain.credentials()
        source.answer.update { $0 = .failure(broken) }
        clock.update { $0 = $0 + .seconds(310) }
        #expect(try await chain.credentials().accessKeyID == "one")
        #expect(try await chain.credentials().accessKeyID == "one")
        #expect(source.asked.value == 2)
        clock.update { $0 = $0 + .seconds(300) }
        await #expect(throws: broken) { try await chain.credentials() }
    }

    @Test func `permanent credentials are read again, so that a rotated key is used`() async throws {
        let source = Source(.success(exampleCredentials))
        let chain = chain(source)
        _ = try await chain.credentials()
        source.answer.update { $0 = .success(AWSCredentials(accessKeyID: "rotated", secretAccessKey: "s")) }
        clock.update { $0 = $0 + .seconds(301) }
        #expect(try await chain.credentials().accessKeyID == "rotated")
    }

    @Test func `concurrent callers share one fetch`() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let source = Source(.success(temporary("one", seconds: 3600))) { for await _ in gate { break } }
        let chain = chain(source)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await chain.credentials().accessKeyID }
            }
            opener.yield()
            for try await id in group { #expect(id == "one") }
        }
        #expect(source.asked.value == 1)
    }
}
