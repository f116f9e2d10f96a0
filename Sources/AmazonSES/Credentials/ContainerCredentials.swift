import MailModel

/// The credentials of the role of an ECS task or an EKS pod, from an endpoint that the platform names in the environment.
///
/// Source: AWS SDKs and Tools reference guide, "Container credential provider".
struct ContainerCredentials: CredentialsSource {
    let environment: [String: String]
    let http: AWSHTTPClient
    var read: @Sendable (String) -> String? = { SharedProfile.contents(ofFile: $0) }
    let name = "container"

    func find() async throws(CredentialsError) -> AWSCredentials? {
        guard let url = try url() else { return nil }
        var request = OutgoingRequest(url: url.description)
        if let token = try authorizationToken() {
            request.headers.append(("Authorization", token))
        }
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(request, timeout: AWSHTTPClient.metadataTimeout, maximumBytes: AWSHTTPClient.maximumMetadata)
        } catch {
            throw CredentialsError("the container credentials endpoint does not answer: \(error.reason)")
        }
        guard answer.status == 200, let credentials = AWSCredentials(roleDocument: answer.body) else {
            throw CredentialsError("the container credentials endpoint answered \(answer.status) without credentials")
        }
        return credentials
    }

    func url() throws(CredentialsError) -> WebURL? {
        if let path = environment.filled("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/"), let url = WebURL("http://169.254.170.2" + path) else {
                throw CredentialsError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a path")
            }
            return url
        }
        guard let text = environment.filled("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard let url = WebURL(text), url.scheme == "https" || url.isLoopback || Self.platformHosts.contains(url.host) else {
            throw CredentialsError("AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https, or http to a loopback, ECS or EKS address")
        }
        return url
    }

    /// The link-local addresses of ECS and EKS: besides this machine, the only hosts that are asked without TLS.
    private static let platformHosts: Set = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]

    private func authorizationToken() throws(CredentialsError) -> String? {
        var token = environment.filled("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = environment.filled("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let text = read(path) else { throw CredentialsError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read") }
            token = text[...].trimmed
        }
        guard token?.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) ?? true else {
            throw CredentialsError("the container authorization token has characters that cannot stand in a header")
        }
        return token
    }
}
