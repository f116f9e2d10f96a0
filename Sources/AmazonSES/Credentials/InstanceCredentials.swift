import MailModel

/// The credentials of the role of an EC2 instance, from its metadata service, version 2.
///
/// Source: Amazon EC2 user guide, "Use the Instance Metadata Service". Version 1 is not used: it needs no token, so
/// that any program that can be made to fetch a URL would reach it.
struct InstanceCredentials: CredentialsSource {
    let environment: [String: String]
    let http: AWSHTTPClient
    let name = "instance"

    func find() async throws(CredentialsError) -> AWSCredentials? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        // Outside EC2 there is no answer: this source is not configured.
        guard let token = try? await fetch("PUT", "/latest/api/token", [("X-aws-ec2-metadata-token-ttl-seconds", "21600")]),
            token.status == 200
        else { return nil }
        let header = [(name: "X-aws-ec2-metadata-token", value: String(decoding: token.body, as: UTF8.self))]
        let roles = try await fetch("GET", Self.path, header)
        let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard roles.status == 200, !role.isEmpty else { return nil }
        let answer = try await fetch("GET", Self.path + role, header)
        guard answer.status == 200, let credentials = AWSCredentials(roleDocument: answer.body) else {
            throw CredentialsError("the instance metadata service answered \(answer.status) without credentials for the role \(role)")
        }
        return credentials
    }

    private static let path = "/latest/meta-data/iam/security-credentials/"

    private func fetch(_ method: String, _ path: String, _ headers: [(name: String, value: String)]) async throws(CredentialsError)
        -> HTTPAnswer
    {
        let base = environment.filled("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        guard let url = WebURL((base.hasSuffix("/") ? String(base.dropLast()) : base) + path) else {
            throw CredentialsError("AWS_EC2_METADATA_SERVICE_ENDPOINT: expected a URL")
        }
        let request = OutgoingRequest(method: method, url: url.description, headers: headers)
        do {
            return try await http.exchange(request, timeout: AWSHTTPClient.metadataTimeout, maximumBytes: AWSHTTPClient.maximumMetadata)
        } catch {
            throw CredentialsError("the instance metadata service does not answer: \(error.reason)")
        }
    }
}
