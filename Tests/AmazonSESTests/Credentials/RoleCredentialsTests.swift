import Crypto
import Encoding
import MailModel
import Testing

@testable import AmazonSES

private let now = Timestamp.at("2026-01-01T00:00:00Z")
private let assumed = AWSCredentials(accessKeyID: "ASIA1", secretAccessKey: "S", sessionToken: "T", expiresAt: .at("2026-01-01T01:00:00Z"))

/// An answer of STS.
private func sts(_ action: String, id: String = "ASIA1") -> Reply {
    .answer(
        200,
        """
        <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><Credentials>
        <AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>
        <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></\(action)Result></\(action)Response>
        """)
}

private let denied = Reply.answer(
    403, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no role</Message></Error></ErrorResponse>")

/// Credentials that other services give for something else, played by a local server.
@Suite(.timeLimit(.minutes(1))) struct RoleCredentialsTests {
    /// Finds the credentials of an environment, whose AWS is `answer`.
    private func find(
        _ environment: [String: String], files: [String: String] = [:], _ answer: @escaping @Sendable (Received) async -> Reply
    ) async throws -> AWSCredentials? {
        try await withServer(answer) { url in
            try await withHTTPClient { http in
                var environment = environment.merging(["AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1", "HOME": "/home/m"]) { $1 }
                environment["AWS_PROFILE"] = environment["AWS_PROFILE"] ?? ""
                let service = SecurityTokenService(environment: environment, http: http, clock: { now })
                let web = WebIdentityCredentials(environment: environment, service: service, read: { files[$0] })
                if let found = try await web.find() { return found }
                return try await SharedFileCredentials(environment: environment, http: http, clock: { now }, read: { files[$0] }).find()
            }
        }
    }

    @Test func `exchanges a web identity's token without a signature`() async throws {
        let seen = Shared<Received?>(nil)
        let environment = [
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/mail", "AWS_ROLE_SESSION_NAME": "pod",
        ]
        let found = try await find(environment, files: ["/token": "a.b.c\n"]) { request in
            seen.update { $0 = request }
            return sts("AssumeRoleWithWebIdentity")
        }
        #expect(found == assumed)
        let request = try #require(seen.value)
        #expect(request.headers["authorization"] == nil)
        #expect(
            parameters(request.body) == [
                "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": "arn:aws:iam::1:role/mail",
                "RoleSessionName": "pod", "WebIdentityToken": "a.b.c",
            ])
    }

    @Test(arguments: [
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/token"], "AWS_ROLE_ARN is not"),
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/missing", "AWS_ROLE_ARN": "a"], "cannot be read"),
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "a"], "AccessDenied no role"),
    ])
    func `a web identity that fails is an error without the token`(_ environment: [String: String], _ text: String) async throws {
        let error = await #expect(throws: CredentialsError.self) {
            try await find(environment, files: ["/token": "topsecret"]) { _ in denied }
        }
        #expect(error?.description.contains(text) == true && error?.description.contains("topsecret") == false)
    }

    private static let keys = "aws_access_key_id = BASE\naws_secret_access_key = B\n"
    private static let role = "role_arn = arn:aws:iam::1:role/mail\n"

    @Test(arguments: [
        // The keys of another profile, of the same, and of the environment.
        ("[profile mail]\n\(role)source_profile = base\nexternal_id = x\nduration_seconds = 900\n", "[base]\n\(keys)"),
        ("[profile mail]\n\(role)source_profile = mail\n\(keys)", ""),
        ("[profile mail]\n\(role)credential_source = Environment\n", ""),
    ])
    func `assumes the role of a profile`(_ config: String, _ credentials: String) async throws {
        let seen = Shared<Received?>(nil)
        let environment = ["AWS_PROFILE": "mail", "AWS_ACCESS_KEY_ID": "BASE", "AWS_SECRET_ACCESS_KEY": "B"]
        let files = ["/home/m/.aws/config": config, "/home/m/.aws/credentials": credentials]
        let found = try await find(environment, files: files) { request in
            seen.update { $0 = request }
            return sts("AssumeRole")
        }
        #expect(found == assumed)
        let request = try #require(seen.value)
        #expect(request.headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=BASE/20260101/eu-west-1/sts/aws4_request") == true)
        let sent = parameters(request.body)
        #expect(sent["RoleArn"] == "arn:aws:iam::1:role/mail" && sent["RoleSessionName"] == "martlet")
        #expect(sent["ExternalId"] == (config.contains("external_id") ? "x" : nil))
        #expect(sent["DurationSeconds"] == (config.contains("duration") ? "900" : nil))
    }

    @Test func `roles are assumed one by the other`() async throws {
        let calls = Shared<[String]>([])
        let config = """
            [profile mail]
            \(Self.role)source_profile = middle
            [profile middle]
            role_arn = arn:aws:iam::1:role/middle
            source_profile = base
            [profile base]
            \(Self.keys)
            """
        let found = try await find(["AWS_PROFILE": "mail"], files: ["/home/m/.aws/config": config]) { request in
            let key = request.headers["authorization"]?.split(separator: "=")[1].split(separator: "/")[0] ?? ""
            calls.update { $0.append(String(key)) }
            return sts("AssumeRole", id: calls.value.count == 1 ? "MIDDLE" : "ASIA1")
        }
        #expect(found == assumed && calls.value == ["BASE", "MIDDLE"])
    }

    @Test(arguments: [
        ("[profile mail]\n\(role)", "needs source_profile"),
        ("[profile mail]\n\(role)source_profile = none\n", "has no credentials"),
        ("[profile mail]\n\(role)source_profile = b\n[profile b]\n\(role)source_profile = mail\n", "name each other"),
        ("[profile mail]\n\(role)source_profile = mail\nmfa_serial = x\n\(keys)", "mfa_serial"),
        ("[profile mail]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "expected sso_account_id"),
        ("[profile mail]\ncredential_process = exit 3\n", "ended with 3"),
        ("[profile mail]\ncredential_process = echo hello\n", "no credentials of version 1"),
        ("[profile mail]\ncredential_process = yes\n", "printed more than"),
    ])
    func `a profile that gives no credentials says why`(_ config: String, _ text: String) async throws {
        let error = await #expect(throws: CredentialsError.self) {
            try await find(["AWS_PROFILE": "mail"], files: ["/home/m/.aws/config": config]) { _ in sts("AssumeRole") }
        }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test func `runs the program of a profile`() async throws {
        let document =
            #"{"Version": 1, "AccessKeyId": "ASIA1", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "2026-01-01T01:00:00Z"}"#
        let config = "[profile mail]\ncredential_process = echo secret >&2; printf '%s' '\(document)'\n"
        let found = try await find(["AWS_PROFILE": "mail"], files: ["/home/m/.aws/config": config]) { _ in .answer(500) }
        #expect(found == assumed)
    }

    @Test func `a program that never ends is given up`() async throws {
        let error = await #expect(throws: CredentialsError.self) {
            try await CredentialProcess.credentials(of: "exec sleep 600", "mail", timeout: .milliseconds(50))
        }
        #expect(error?.description.contains("took longer") == true)
    }

    private static let session = """
        [profile mail]
        sso_session = work
        sso_account_id = 123456789012
        sso_role_name = Mail+Sender
        [sso-session work]
        sso_start_url = https://work.awsapps.com/start
        sso_region = eu-central-1
        """
    private static let legacy = """
        [profile mail]
        sso_start_url = https://work.awsapps.com/start
        sso_region = eu-central-1
        sso_account_id = 123456789012
        sso_role_name = Mail+Sender
        """

    private static func cache(_ key: String) -> String {
        "/home/m/.aws/sso/cache/\(Hexadecimal.encode(Insecure.SHA1.hash(data: Array(key.utf8)))).json"
    }

    @Test(arguments: [(session, "work", "2026-01-01T00:00:01Z"), (legacy, "https://work.awsapps.com/start", "2026-01-01T08:00:00UTC")])
    func `takes the login that is cached`(_ config: String, _ key: String, _ end: String) async throws {
        let seen = Shared<Received?>(nil)
        let files = [
            "/home/m/.aws/config": config, Self.cache(key): #"{"accessToken": "login", "expiresAt": "\#(end)", "region": "x"}"#,
        ]
        let found = try await find(["AWS_PROFILE": "mail"], files: files) { request in
            seen.update { $0 = request }
            let end = Timestamp.at("2026-01-01T01:00:00Z").milliseconds
            return .answer(
                200, #"{"roleCredentials":{"accessKeyId":"ASIA1","secretAccessKey":"S","sessionToken":"T","expiration":\#(end)}}"#)
        }
        #expect(found == assumed)
        #expect(seen.value?.target == "/federation/credentials?role_name=Mail%2BSender&account_id=123456789012")
        #expect(seen.value?.headers["x-amz-sso_bearer_token"] == "login")
    }

    @Test(arguments: [nil, #"{"accessToken": "login", "expiresAt": "2025-12-31T23:59:59Z"}"#, "no json"])
    func `a login that is over or missing is an error`(_ cached: String?) async throws {
        var files = ["/home/m/.aws/config": Self.session]
        files[Self.cache("work")] = cached
        let error = await #expect(throws: CredentialsError.self) {
            try await find(["AWS_PROFILE": "mail"], files: files) { _ in .answer(500) }
        }
        #expect(error?.description.contains("aws sso login") == true)
    }

    @Test func `the credentials of a role are renewed before they expire, with the token of the moment`() async throws {
        let time = Shared(now)
        let token = Shared("first")
        let tokens = Shared<[String]>([])
        try await withServer { request in
            tokens.update { $0.append(parameters(request.body)["WebIdentityToken"] ?? "") }
            return sts("AssumeRoleWithWebIdentity")
        } _: { url in
            try await withHTTPClient { http in
                let environment = [
                    "AWS_ENDPOINT_URL_STS": url, "AWS_REGION": "eu-west-1", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "a",
                ]
                let service = SecurityTokenService(environment: environment, http: http, clock: { time.value })
                let source = WebIdentityCredentials(environment: environment, service: service, read: { _ in token.value })
                let chain = CredentialChain(sources: [source], logger: silent) { time.value }
                _ = try await chain.credentials()
                time.update { $0 = $0 + .seconds(3299) }
                _ = try await chain.credentials()
                #expect(tokens.value == ["first"])
                token.update { $0 = "second" }
                time.update { $0 = $0 + .seconds(1) }
                _ = try await chain.credentials()
                #expect(tokens.value == ["first", "second"])
            }
        }
    }
}
