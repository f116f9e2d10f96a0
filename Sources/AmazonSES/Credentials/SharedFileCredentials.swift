/// Credentials of the chosen profile in AWS's shared files.
struct SharedFileCredentials: CredentialsSource {
    let environment: [String: String]
    var read: @Sendable (String) -> String? = { SharedProfile.contents(ofFile: $0) }
    let name = "shared-files"

    func find() throws(CredentialsError) -> AWSCredentials? {
        let profile = SharedProfile(environment: environment, read: read)
        if let id = profile.settings["aws_access_key_id"], let secret = profile.settings["aws_secret_access_key"] {
            return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: profile.settings["aws_session_token"])
        }
        if let key = ["role_arn", "credential_process", "sso_session", "sso_start_url"].first(where: { profile.settings[$0] != nil }) {
            throw CredentialsError(
                "AWS profile \(profile.name): \(key) is not supported, expected aws_access_key_id and aws_secret_access_key")
        }
        guard environment.filled("AWS_PROFILE") == nil else {
            throw CredentialsError("AWS_PROFILE \(profile.name) has no aws_access_key_id and aws_secret_access_key in the shared files")
        }
        return nil
    }
}
