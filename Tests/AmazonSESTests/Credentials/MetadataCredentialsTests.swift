import MailModel
import Testing

@testable import AmazonSES

private let document = #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-01T06:00:00Z"}"#
private let role = AWSCredentials(accessKeyID: "A", secretAccessKey: "S", sessionToken: "T", expiresAt: .at("2026-01-01T06:00:00Z"))

/// The endpoints of containers and instances, simulated by a local server.
@Suite(.timeLimit(.minutes(1))) struct MetadataCredentialsTests {
    @Test func `asks the container's endpoint with its token`() async throws {
        let credentials = try await withServer { request in
            request.headers["authorization"] == "Bearer x" && request.target == "/v1/role" ? .answer(200, document) : .answer(401)
        } _: { url in
            try await withHTTPClient { http in
                let environment = [
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/v1/role", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "old",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
                ]
                return try await ContainerCredentials(environment: environment, http: http) { $0 == "/token" ? "Bearer x\n" : nil }.find()
            }
        }
        #expect(credentials == role)
    }

    @Test(arguments: [
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x", "http://169.254.170.2/v2/x"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://any.example/x", "https://any.example/x"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:80/x", "http://localhost/x"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.evil.test/x", nil),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.169.254/x", nil),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/x", nil),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.test/", nil),
    ])
    func `sends a container's token to trusted hosts only`(_ variable: String, _ value: String, _ url: String?) async throws {
        try await withHTTPClient { http in
            let source = ContainerCredentials(environment: [variable: value], http: http)
            #expect((try? source.url()?.description) == url)
        }
    }

    @Test(arguments: [Reply.answer(500), .answer(200, "{}"), .answer(200, "no json"), .redirect("/"), .close])
    func `a container's endpoint that fails is an error`(_ reply: Reply) async throws {
        try await withServer { _ in
            reply
        } _: { url in
            try await withHTTPClient { http in
                await #expect(throws: CredentialsError.self) {
                    try await ContainerCredentials(environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], http: http).find()
                }
            }
        }
    }

    @Test func `a token with characters that a header must not have is an error`() async throws {
        try await withHTTPClient { http in
            let environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nb: c"]
            await #expect(throws: CredentialsError.self) { try await ContainerCredentials(environment: environment, http: http).find() }
        }
    }

    @Test func `asks the instance's metadata service by version 2`() async throws {
        let requests = Shared<[String]>([])
        let credentials = try await withServer { request in
            requests.update { $0.append(request.method + " " + request.target) }
            switch (request.method, request.target) {
            case ("PUT", "/latest/api/token"):
                return request.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600" ? .answer(200, "token") : .answer(400)
            case ("GET", _) where request.headers["x-aws-ec2-metadata-token"] != "token": return .answer(401)
            case ("GET", "/latest/meta-data/iam/security-credentials/"): return .answer(200, "mailer\n")
            case ("GET", "/latest/meta-data/iam/security-credentials/mailer"): return .answer(200, document)
            default: return .answer(404)
            }
        } _: { url in
            try await withHTTPClient { http in
                try await InstanceCredentials(environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": url], http: http).find()
            }
        }
        #expect(credentials == role)
        #expect(requests.value.count == 3)
    }

    @Test(arguments: [Reply.answer(404), .answer(200, "token"), .hang])
    func `no metadata service, or no role, is no error`(_ first: Reply) async throws {
        let credentials = try await withServer {
            $0.method == "PUT" ? first : .answer(404)
        } _: { url in
            try await withHTTPClient { http in
                try await InstanceCredentials(environment: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": url], http: http).find()
            }
        }
        #expect(credentials == nil)
    }

    @Test func `the metadata service can be switched off`() async throws {
        let environment = ["AWS_EC2_METADATA_DISABLED": "true", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "no url"]
        let credentials = try await withHTTPClient { try await InstanceCredentials(environment: environment, http: $0).find() }
        #expect(credentials == nil)
    }
}
