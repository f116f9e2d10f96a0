import Encoding
import MailModel

/// The calls of AWS's Security Token Service that give the credentials of a role.
///
/// Source: AWS Security Token Service API reference, version 2011-06-15. `AWS_ENDPOINT_URL_STS`, then `AWS_ENDPOINT_URL`, name another server
/// in place of `https://sts.<region>.amazonaws.com`.
struct SecurityTokenService: Sendable {
    /// A role, and how it is assumed.
    struct Role: Sendable {
        var arn: String
        var sessionName: String?
        var externalID: String?
        /// How long its credentials shall hold, in seconds, as it stands in a profile; `nil` for an hour.
        var seconds: String?
    }

    let environment: [String: String]
    let http: AWSHTTPClient
    let clock: @Sendable () -> Timestamp

    private static let version = "2011-06-15"
    private static let timeout = Duration.seconds(10)

    /// Exchanges a token of OpenID Connect for the role's credentials (`AssumeRoleWithWebIdentity`), a call without a signature.
    func assume(_ role: Role, withWebIdentity token: String) async throws(CredentialsError) -> AWSCredentials {
        var form = form("AssumeRoleWithWebIdentity", role)
        form.add("WebIdentityToken", token)
        let endpoint = try endpoint
        let request = OutgoingRequest(
            method: "POST", url: endpoint.url.description, headers: [(name: "Content-Type", value: Self.type)], body: form.bytes)
        return try await credentials(from: request, of: "AssumeRoleWithWebIdentity")
    }

    /// Exchanges credentials for those of a role (`AssumeRole`).
    func assume(_ role: Role, with credentials: AWSCredentials) async throws(CredentialsError) -> AWSCredentials {
        let endpoint = try endpoint
        let signer = RequestSigner(
            credentials: StaticCredentials(credentials), region: endpoint.region, service: "sts", clock: clock)
        let request = try await signer.signed(
            "POST", endpoint.url, headers: [("Content-Type", Self.type)], form("AssumeRole", role).bytes)
        return try await self.credentials(from: request, of: "AssumeRole")
    }

    private static let type = "application/x-www-form-urlencoded; charset=utf-8"

    private func form(_ action: String, _ role: Role) -> FormBody {
        var form = FormBody(action: action, version: Self.version)
        form.add("RoleArn", role.arn)
        form.add("RoleSessionName", role.sessionName ?? "martlet")
        if let externalID = role.externalID { form.add("ExternalId", externalID) }
        if let seconds = role.seconds { form.add("DurationSeconds", seconds) }
        return form
    }

    private var endpoint: (url: WebURL, region: String) {
        get throws(CredentialsError) {
            let region: String
            do throws(AWSConfiguration.Invalid) {
                region = try AWSConfiguration.region(environment: environment, of: "your AWS account")
            } catch {
                throw CredentialsError(error.description)
            }
            let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            let named = environment.filled("AWS_ENDPOINT_URL_STS") ?? environment.filled("AWS_ENDPOINT_URL")
            guard let url = WebURL(named ?? "https://sts.\(region).\(suffix)/") else {
                throw CredentialsError("AWS_ENDPOINT_URL_STS: expected a URL")
            }
            return (url, region)
        }
    }

    private func credentials(from request: OutgoingRequest, of action: String) async throws(CredentialsError) -> AWSCredentials {
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(request, timeout: Self.timeout, maximumBytes: 64 << 10)
        } catch {
            throw CredentialsError("STS does not answer \(action): \(error.reason)")
        }
        let document = try? XMLElement(document: answer.body)
        guard answer.status == 200, let found = document?[action + "Result"]?["Credentials"].flatMap(AWSCredentials.init(ofSTS:)) else {
            let error = document?["Error"]
            let code = error?["Code"]?.text ?? "HTTP \(answer.status)"
            throw CredentialsError("STS refuses \(action): \(code) \(error?["Message"]?.text ?? "")")
        }
        return found
    }
}

extension AWSCredentials {
    /// Reads the element `Credentials` of an answer of STS.
    fileprivate init?(ofSTS element: XMLElement) {
        guard let id = element["AccessKeyId"]?.text, let secret = element["SecretAccessKey"]?.text,
            let token = element["SessionToken"]?.text, let end = element["Expiration"].flatMap({ Timestamp(rfc3339: $0.text) })
        else { return nil }
        self.init(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiresAt: end)
    }
}

/// The credentials of a role for a token that the platform keeps in a file, as EKS does for the service account of a pod.
///
/// Source: AWS SDKs and Tools reference guide, "Assume role credential provider": `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`,
/// `AWS_ROLE_SESSION_NAME`. The file is read anew each time: the platform replaces the token.
struct WebIdentityCredentials: CredentialsSource {
    let environment: [String: String]
    let service: SecurityTokenService
    var read: @Sendable (String) -> String? = { SharedProfile.contents(ofFile: $0) }
    let name = "web-identity"

    func find() async throws(CredentialsError) -> AWSCredentials? {
        guard let path = environment.filled("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let arn = environment.filled("AWS_ROLE_ARN") else {
            throw CredentialsError("AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not")
        }
        let role = SecurityTokenService.Role(arn: arn, sessionName: environment.filled("AWS_ROLE_SESSION_NAME"))
        return try await Self.credentials(role, tokenFile: path, service, read)
    }

    /// Returns the credentials of a role for the token in a file.
    static func credentials(
        _ role: SecurityTokenService.Role, tokenFile path: String, _ service: SecurityTokenService, _ read: (String) -> String?
    ) async throws(CredentialsError) -> AWSCredentials {
        guard let token = read(path)?[...].trimmed, !token.isEmpty else {
            throw CredentialsError("the token of the web identity cannot be read: \(path)")
        }
        return try await service.assume(role, withWebIdentity: token)
    }
}
