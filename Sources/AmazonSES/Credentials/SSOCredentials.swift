import Crypto
import Encoding
import JSON
import MailModel

/// The credentials of a role for the token that `aws sso login` has left in its cache.
///
/// The token is a person's and ends after some hours; it is not renewed here. Source: AWS SDKs and Tools reference guide, "IAM Identity Center
/// credential provider"; IAM Identity Center portal API reference, `GetRoleCredentials`.
struct SSOCredentials {
    let environment: [String: String]
    let http: AWSHTTPClient
    let clock: @Sendable () -> Timestamp
    let read: @Sendable (String) -> String?

    func credentials(of profile: SharedProfile, _ files: SharedFiles) async throws(CredentialsError) -> AWSCredentials {
        let session = profile.settings["sso_session"]
        let login = session.flatMap { files.config.sections["sso-session " + $0] } ?? profile.settings
        guard let account = profile.settings["sso_account_id"], let role = profile.settings["sso_role_name"],
            let region = login["sso_region"], AWSConfiguration.isRegion(region), let start = login["sso_start_url"]
        else {
            throw CredentialsError(
                "AWS profile \(profile.name): expected sso_account_id and sso_role_name, and sso_start_url and sso_region of its session")
        }
        // A session's token is kept under its name, that of older profiles under the URL.
        let token = try token(key: session ?? start, profile.name)
        return try await fetch(account: account, role: role, region: region, token: token)
    }

    private func token(key: String, _ profile: String) throws(CredentialsError) -> String {
        let file = Hexadecimal.encode(Insecure.SHA1.hash(data: Array(key.utf8))) + ".json"
        let path = (environment.filled("HOME") ?? "") + "/.aws/sso/cache/" + file
        guard let text = read(path), let document = (try? JSONValue.parseLeniently(Array(text.utf8)))?.objectValue,
            let token = document["accessToken"]?.stringValue, let end = document["expiresAt"]?.stringValue,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw CredentialsError("AWS profile \(profile): no login is cached, run `aws sso login`") }
        // Older versions wrote `2020-06-11T12:00:00UTC`.
        guard let expiresAt = Timestamp(rfc3339: end.replacing("UTC", with: "Z")), clock() < expiresAt else {
            throw CredentialsError("AWS profile \(profile): the login has expired, run `aws sso login`")
        }
        return token
    }

    private func fetch(
        account: String, role: String, region: String, token: String
    ) async throws(CredentialsError) -> AWSCredentials {
        let named = environment.filled("AWS_ENDPOINT_URL_SSO") ?? environment.filled("AWS_ENDPOINT_URL")
        let base = named ?? "https://portal.sso.\(region).amazonaws.com"
        let query = "role_name=\(PercentEncoding.encode(role))&account_id=\(PercentEncoding.encode(account))"
        guard let url = WebURL((base.hasSuffix("/") ? String(base.dropLast()) : base) + "/federation/credentials?" + query) else {
            throw CredentialsError("AWS_ENDPOINT_URL_SSO: expected a URL")
        }
        let request = OutgoingRequest(url: url.description, headers: [(name: "x-amz-sso_bearer_token", value: token)])
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(request, timeout: .seconds(10), maximumBytes: AWSHTTPClient.maximumMetadata)
        } catch {
            throw CredentialsError("IAM Identity Center does not answer: \(error.reason)")
        }
        guard answer.status == 200, let credentials = AWSCredentials(ofPortal: answer.body) else {
            throw CredentialsError("IAM Identity Center answered \(answer.status) without credentials for the role \(role)")
        }
        return credentials
    }
}

extension AWSCredentials {
    /// Parses the answer of `GetRoleCredentials`.
    fileprivate init?(ofPortal document: [UInt8]) {
        guard let role = (try? JSONValue.parseLeniently(document))?.objectValue?["roleCredentials"]?.objectValue,
            let id = role["accessKeyId"]?.stringValue, let secret = role["secretAccessKey"]?.stringValue,
            let token = role["sessionToken"]?.stringValue, let end = role["expiration"]?.integerValue
        else { return nil }
        self.init(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiresAt: Timestamp(milliseconds: end))
    }
}
