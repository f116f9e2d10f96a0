import Concurrency
import Encoding
import MailModel
import Testing

@testable import AmazonSES

/// An answer of SES's Query protocol.
func xml(_ action: String, _ content: String) -> Reply {
    .answer(
        200,
        """
        <\(action)Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/">
          <\(action)Result>\(content)</\(action)Result>
          <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
        </\(action)Response>
        """)
}

func failure(_ status: Int, _ code: String, _ message: String = "m") -> Reply {
    .answer(status, "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code><Message>\(message)</Message></Error></ErrorResponse>")
}

/// The decoded parameters of a form.
func parameters(_ form: String) -> [String: String] {
    var values: [String: String] = [:]
    for pair in form.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        values[String(parts[0])] = PercentEncoding.decode(parts[1])
    }
    return values
}

/// Runs `body` with a client whose SES is `answer`.
func withSES<Value: Sendable>(
    _ answer: @escaping @Sendable (Received) async -> Reply, credentials: any CredentialsProvider = StaticCredentials(exampleCredentials),
    control: PacedQueue? = nil, timeout: Duration = .seconds(20), pause: @escaping @Sendable (Duration) async -> Void = { _ in },
    _ body: (SESClient) async throws -> Value
) async throws -> Value {
    try await withServer(answer) { url in
        try await withHTTPClient { http in
            let configuration = try AWSConfiguration(environment: ["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": url])
            let client = SESClient(
                configuration: configuration, credentials: credentials, http: http, control: control, timeout: timeout, logger: silent,
                pause: pause)
            return try await body(client)
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SESClientTests {
    @Test func `signs what it sends`() async throws {
        let seen = Shared<Received?>(nil)
        let status = try await withSES { request in
            seen.update { $0 = request }
            return xml("GetIdentityVerificationAttributes", "<VerificationAttributes/>")
        } _: {
            try await $0.identityStatus(of: DomainName(validated: "example.com"))
        }
        #expect(status == .notStarted)
        let request = try #require(seen.value)
        #expect(request.method == "POST" && request.target == "/")
        #expect(request.body == "Action=GetIdentityVerificationAttributes&Version=2010-12-01&Identities.member.1=example.com")
        #expect(signature(of: request) == request.headers["authorization"])
    }

    /// The expected signature of the request that was received.
    private func signature(of request: Received) -> String? {
        guard let stamp = request.headers["x-amz-date"], stamp.count == 16 else { return nil }
        let digits = Array(stamp.filter(\.isNumber))
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        let time = Timestamp.at("\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z")
        let key = SigningKey(credentials: exampleCredentials, day: time.day, region: "us-east-1", service: "ses")
        let headers = ["host", "content-type"].map { (name: $0, value: request.headers[$0] ?? "") }
        let expected = SigV4Request(method: "POST", path: "/", query: "", headers: headers, body: Array(request.body.utf8))
        return SigV4Signer.headers(signing: expected, with: key, at: time).last?.value
    }

    @Test func `sends the session token of temporary credentials`() async throws {
        let credentials = AWSCredentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: "the token")
        let token = Shared<String?>(nil)
        _ = try await withSES(
            { request in
                token.update { $0 = request.headers["x-amz-security-token"] }
                return xml("VerifyDomainIdentity", "<VerificationToken>t</VerificationToken>")
            }, credentials: StaticCredentials(credentials)
        ) { try await $0.verifyDomainIdentity(DomainName(validated: "example.com")) }
        #expect(token.value == "the token")
    }

    @Test func `missing credentials are classified as paused`() async throws {
        struct None: CredentialsProvider {
            func credentials() throws(CredentialsError) -> AWSCredentials { throw CredentialsError("none") }
        }
        let error = try await withSES({ _ in .answer(200) }, credentials: None()) { client in
            await #expect(throws: SESError.self) { try await client.account() }
        }
        #expect(error == SESError(code: "CredentialsUnavailable", message: "none", outcome: .paused))
    }

    @Test(arguments: [
        Reply.answer(200, ""), .answer(200, "<VerifyDomainIdentityResponse/>"),
        xml("VerifyDomainIdentity", "<VerificationToken></VerificationToken>"),
    ])
    func `an unreadable answer has an unknown outcome`(_ reply: Reply) async throws {
        let error = try await withSES({ _ in reply }) { client in
            await #expect(throws: SESError.self) { try await client.verifyDomainIdentity(DomainName(validated: "example.com")) }
        }
        #expect(error?.outcome == .unknown)
    }
}
