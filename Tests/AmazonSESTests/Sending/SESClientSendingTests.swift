import Encoding
import MailModel
import Testing

@testable import AmazonSES

private let email = RawEmail(
    source: EmailAddress(validated: "news+x@example.com"), destinations: ["a@b.test", "c@d.test"].map(EmailAddress.init(validated:)),
    data: Array("Subject: \u{fc}\r\n\r\n??>>~~\r\n".utf8), configurationSet: "shared",
    tags: [("martlet-id", "0190-aa"), ("tier", "shared")])

@Suite(.timeLimit(.minutes(1))) struct SESClientSendingTests {
    @Test func `sends envelope, message and tags`() async throws {
        let form = Shared<[String: String]>([:])
        let id = try await withSES { request in
            form.update { $0 = parameters(request.body) }
            return xml("SendRawEmail", "<MessageId>0100-abc</MessageId>")
        } _: {
            try await $0.sendRawEmail(email)
        }
        #expect(id == "0100-abc")
        var values = form.value
        #expect(values.removeValue(forKey: "RawMessage.Data").flatMap { try? Base64.decode($0) } == email.data)
        #expect(
            values == [
                "Action": "SendRawEmail", "Version": "2010-12-01", "Source": "news+x@example.com", "Destinations.member.1": "a@b.test",
                "Destinations.member.2": "c@d.test", "ConfigurationSetName": "shared", "Tags.member.1.Name": "martlet-id",
                "Tags.member.1.Value": "0190-aa", "Tags.member.2.Name": "tier", "Tags.member.2.Value": "shared",
            ])
    }

    @Test(arguments: [
        (failure(400, "Throttling", "Maximum sending rate exceeded."), SESError.Outcome.retry),
        (failure(400, "Throttling", "Daily message quota exceeded."), .paused), (failure(400, "MessageRejected"), .permanent),
        (.answer(503), .retry),
        (.close, .unknown), (.hang, .unknown), (.answer(200, "<html/>"), .unknown),
    ])
    func `classifies a failure after one attempt`(_ reply: Reply, _ outcome: SESError.Outcome) async throws {
        let calls = Shared(0)
        let error = try await withSES(
            { _ in
                calls.update { $0 += 1 }
                return reply
            }, timeout: reply.patience
        ) { client in
            await #expect(throws: SESError.self) { try await client.sendRawEmail(email) }
        }
        #expect(error?.outcome == outcome)
        #expect(calls.value == 1)
    }

    @Test func `an unreachable server is retried later`() async throws {
        try await withHTTPClient(connectTimeout: .milliseconds(500)) { http in
            let configuration = try AWSConfiguration(environment: ["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
            let client = SESClient(
                configuration: configuration, credentials: StaticCredentials(exampleCredentials), http: http, logger: silent)
            let error = await #expect(throws: SESError.self) { try await client.sendRawEmail(email) }
            #expect(error?.outcome == .retry)
            #expect(error?.httpStatus == nil)
        }
    }

    @Test func `a call cancelled after it was sent has an unknown outcome`() async throws {
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let error = try await withSES { _ in
            arrived.yield()
            return .hang
        } _: { client in
            try await withThrowingTaskGroup(of: SESError?.self) { group in
                group.addTask {
                    do { return try await client.sendRawEmail(email) == "" ? nil : nil } catch { return error as? SESError }
                }
                for await _ in arrivals { break }
                group.cancelAll()
                return try await group.next() ?? nil
            }
        }
        #expect(error?.outcome == .unknown)
    }
}
