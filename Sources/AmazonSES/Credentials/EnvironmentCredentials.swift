/// Credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialsSource {
    let environment: [String: String]
    let name = "environment"

    func find() throws(CredentialsError) -> AWSCredentials? {
        let id = environment.filled("AWS_ACCESS_KEY_ID")
        let secret = environment.filled("AWS_SECRET_ACCESS_KEY")
        switch (id, secret) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: environment.filled("AWS_SESSION_TOKEN"))
        case (_?, nil): throw CredentialsError("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): throw CredentialsError("AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not")
        }
    }
}

extension [String: String] {
    /// The value of a variable; `nil` when it is not set or empty, which AWS's own tools take for the same.
    func filled(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
