import Encoding
import JSON
import MailModel
import Testing

@testable import AmazonSES

private let email = RawEmail(
    source: EmailAddress(validated: "news+x@example.com"), destinations: ["a@b.test", "c@d.test"].map(EmailAddress.init(validated:)),
    data: Array("Subject: \u{fc}\r\n\r\n??>>~~\r\n".utf8), configurationSet: "shared", tenant: "acme",
    tags: [("martlet-id", "0190-aa"), ("tier", "shared")])

@Suite(.timeLimit(.minutes(1))) struct SESClientSendingTests {
    @Test func `sends envelope, message and tags`() async throws {
        let seen = Shared<Received?>(nil)
        let id = try await withSES { request in
            seen.update { $0 = request }
            return .answer(200, #"{"MessageId":"0100-abc"}"#)
        } _: {
            try await $0.sendEmail(email)
        }
        #expect(id == "0100-abc")
        let request = try #require(seen.value)
        #expect(request.method == "POST" && request.target == "/v2/email/outbound-emails")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"]?.contains("/us-east-1/ses/aws4_request") == true)
        let content = Base64.encode(email.data)
        #expect(
            request.body == """
                {"FromEmailAddress":"news+x@example.com","Destination":{"ToAddresses":["a@b.test","c@d.test"]},\
                "ConfigurationSetName":"shared","TenantName":"acme",\
                "EmailTags":[{"Name":"martlet-id","Value":"0190-aa"},{"Name":"tier","Value":"shared"}],\
                "Content":{"Raw":{"Data":"\(content)"}}}
                """)
    }

    @Test(arguments: 0..<4) func `the body is one allocation that holds the message`(_ rest: Int) {
        var large = email
        large.data = Array(repeating: 0xFF, count: 3_000_000 + rest)
        let body = large.requestBody
        #expect(body.capacity - body.count < body.count / 20, "it was not doubled while it grew")
        let content = (try? JSONValue.parse(body))?.objectValue?["Content"]?.objectValue?["Raw"]?.objectValue
        #expect(content?["Data"]?.stringValue?.utf8.count == Base64.encodedLength(of: large.data.count))
    }

    @Test func `without set, tenant and tags they are left out`() throws {
        let plain = RawEmail(source: email.source, destinations: [email.destinations[0]], data: [])
        let text = String(decoding: plain.requestBody, as: UTF8.self)
        let envelope = #"{"FromEmailAddress":"news+x@example.com","Destination":{"ToAddresses":["a@b.test"]},"EmailTags":[],"#
        #expect(text == envelope + #""Content":{"Raw":{"Data":""}}}"#)
    }

    @Test(
        arguments: [
            (.typed(429, "TooManyRequestsException"), .retry), (.typed(400, "LimitExceededException"), .retry),
            (.answer(400, #"{"__type":"com.amazonaws.sesv2#LimitExceededException","message":"Daily message quota exceeded."}"#), .paused),
            (.typed(400, "MessageRejected"), .permanent), (.typed(400, "MailFromDomainNotVerifiedException"), .permanent),
            (.typed(400, "BadRequestException:http://internal.amazon.com/coral/"), .permanent),
            (.typed(404, "NotFoundException"), .paused), (.typed(400, "SendingPausedException"), .paused),
            (.typed(400, "AccountSuspendedException"), .paused), (.typed(403, "AccessDeniedException"), .paused),
            (.typed(500, "InternalServiceErrorException"), .retry), (.answer(503), .retry), (.answer(502, "<html/>"), .retry),
            (.close, .unknown), (.hang, .unknown), (.answer(200, "<html/>"), .unknown), (.answer(200, "{}"), .unknown),
        ] as [(Reply, SESError.Outcome)])
    func `classifies a failure after one attempt`(_ reply: Reply, _ outcome: SESError.Outcome) async throws {
        let calls = Shared(0)
        let error = try await withSES(
            { _ in
                calls.update { $0 += 1 }
                return reply
            }, timeout: reply.patience
        ) { client in
            await #expect(throws: SESError.self) { try await client.sendEmail(email) }
        }
        #expect(error?.outcome == outcome)
        #expect(calls.value == 1)
    }

    @Test func `an unreachable server is retried later`() async throws {
        try await withHTTPClient(connectTimeout: .milliseconds(500)) { http in
            let configuration = try AWSConfiguration(environment: ["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"])
            let client = SESClient(
                configuration: configuration, credentials: StaticCredentials(exampleCredentials), http: http, logger: silent)
            let error = await #expect(throws: SESError.self) { try await client.sendEmail(email) }
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
                    do { return try await client.sendEmail(email) == "" ? nil : nil } catch { return error as? SESError }
                }
                for await _ in arrivals { break }
                group.cancelAll()
                return try await group.next() ?? nil
            }
        }
        #expect(error?.outcome == .unknown)
    }

    @Test(arguments: [
        (true, true, "HEALTHY"), (false, true, "SHUTDOWN"), (true, false, "PROBATION"),
    ])
    func `tells of the account`(_ isEnabled: Bool, _ isProduction: Bool, _ enforcement: String) async throws {
        let targets = Shared<[String]>([])
        let account = try await withSES { request in
            targets.update { $0.append(request.method + " " + request.target) }
            return .answer(
                200,
                #"{"SendingEnabled":\#(isEnabled),"ProductionAccessEnabled":\#(isProduction),"EnforcementStatus":"\#(enforcement)","#
                    + #""SendQuota":{"Max24HourSend":50000.0,"MaxSendRate":14,"SentLast24Hours":7.0}}"#)
        } _: {
            try await $0.account()
        }
        let quota = SendQuota(max24HourSend: 50_000, maxSendRate: 14, sentLast24Hours: 7)
        #expect(
            account
                == SESAccount(quota: quota, isSendingEnabled: isEnabled, hasProductionAccess: isProduction, enforcement: enforcement))
        #expect(targets.value == ["GET /v2/email/account"])
    }

    @Test func `where a policy of before denies GetAccount, the quota of version 1 is asked for`() async throws {
        let account = try await withSES { request in
            guard request.target == "/" else { return .typed(403, "AccessDeniedException") }
            return xml(
                "GetSendQuota", "<Max24HourSend>200.0</Max24HourSend><MaxSendRate>1.0</MaxSendRate><SentLast24Hours>0</SentLast24Hours>")
        } _: {
            try await $0.account()
        }
        #expect(account == SESAccount(quota: SendQuota(max24HourSend: 200, maxSendRate: 1, sentLast24Hours: 0)))
    }

    @Test(arguments: [Reply.answer(200, ""), .answer(200, #"{"SendQuota":{"Max24HourSend":1}}"#), .answer(200, "[]")])
    func `an account that cannot be read has an unknown outcome`(_ reply: Reply) async throws {
        let error = try await withSES({ _ in reply }) { client in
            await #expect(throws: SESError.self) { try await client.account() }
        }
        #expect(error?.outcome == .unknown)
    }
}
