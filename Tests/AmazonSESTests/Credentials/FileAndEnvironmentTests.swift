import MailModel
import Testing

@testable import AmazonSES

struct FileAndEnvironmentTests {
    @Test(arguments: [
        (["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"], AWSCredentials(accessKeyID: "a", secretAccessKey: "b")),
        (
            ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "t"],
            AWSCredentials(accessKeyID: "a", secretAccessKey: "b", sessionToken: "t")
        ),
        (["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""], nil), ([:], nil),
    ])
    func `reads the environment`(_ environment: [String: String], _ credentials: AWSCredentials?) throws {
        #expect(try EnvironmentCredentials(environment: environment).find() == credentials)
    }

    @Test(arguments: [["AWS_ACCESS_KEY_ID": "a"], ["AWS_SECRET_ACCESS_KEY": "topsecret"]])
    func `half an environment is an error without the secret in it`(_ environment: [String: String]) {
        let error = #expect(throws: CredentialsError.self) { try EnvironmentCredentials(environment: environment).find() }
        #expect(error?.description.contains("topsecret") == false)
    }

    private static let files = [
        "/home/m/.aws/credentials": """
        # a comment
        [default]
        aws_access_key_id = D1
        AWS_SECRET_ACCESS_KEY=D2==

        [ work ]
        ; another
        aws_access_key_id=W1
          nested = ignored
        aws_secret_access_key=W2
        aws_session_token=W3
        [role]
        region = x
        """,
        "/home/m/.aws/config":
            "[profile work]\nregion=eu-west-1\naws_access_key_id=other\n[profile role]\nrole_arn = arn:x\n[default]\nregion = us-west-2\r\n",
        "/etc/creds": "[default]\naws_access_key_id=E1\naws_secret_access_key=E2\n",
    ]

    @Test(arguments: [
        (["HOME": "/home/m"], AWSCredentials(accessKeyID: "D1", secretAccessKey: "D2=="), "us-west-2"),
        (
            ["HOME": "/home/m", "AWS_PROFILE": "work"], AWSCredentials(accessKeyID: "W1", secretAccessKey: "W2", sessionToken: "W3"),
            "eu-west-1"
        ),
        (
            ["AWS_SHARED_CREDENTIALS_FILE": "/etc/creds", "AWS_CONFIG_FILE": "/none"],
            AWSCredentials(accessKeyID: "E1", secretAccessKey: "E2"), nil
        ),
        (["HOME": "/nowhere"], nil, nil), ([:], nil, nil),
    ])
    func `reads the shared files`(_ environment: [String: String], _ credentials: AWSCredentials?, _ region: String?) async throws {
        #expect(try await Self.find(environment) == credentials)
        #expect(SharedProfile(environment: environment) { Self.files[$0] }.settings["region"] == region)
    }

    @Test(arguments: [["HOME": "/home/m", "AWS_PROFILE": "role"], ["HOME": "/home/m", "AWS_PROFILE": "missing"]])
    func `a chosen profile without credentials is an error`(_ environment: [String: String]) async {
        await #expect(throws: CredentialsError.self) { try await Self.find(environment) }
    }

    private static func find(_ environment: [String: String]) async throws -> AWSCredentials? {
        try await withHTTPClient { http in
            let source = SharedFileCredentials(
                environment: environment, http: http, clock: { .at("2026-01-01T00:00:00Z") }, read: { Self.files[$0] })
            return try await source.find()
        }
    }

    @Test func `descriptions contain no secrets`() {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "topsecret", sessionToken: "toptoken")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", "\(Optional(credentials) as Any)", dumped] {
            #expect(text.contains("AKID") && !text.contains("topsecret") && !text.contains("toptoken"))
        }
    }
}
