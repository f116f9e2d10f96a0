import FoundationEssentials
import MailModel

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

/// The chosen profile of AWS's shared files: `~/.aws/credentials` and `~/.aws/config`, or where `AWS_SHARED_CREDENTIALS_FILE` and
/// `AWS_CONFIG_FILE` point.
///
/// `AWS_PROFILE` names the profile, `default` otherwise.
///
/// Source: AWS SDKs and Tools reference guide, "Shared config and credentials files".
struct SharedProfile {
    let name: String
    /// The settings of both files; the credentials file takes precedence.
    let settings: [String: String]

    /// - Parameter read: returns the text of the file at a path; `nil` when there is none.
    init(environment: [String: String], read: (String) -> String? = Self.contents(ofFile:)) {
        name = environment.filled("AWS_PROFILE") ?? "default"
        let home = environment.filled("HOME").map { $0 + "/.aws/" }
        let credentials = environment.filled("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { $0 + "credentials" }
        let config = environment.filled("AWS_CONFIG_FILE") ?? home.map { $0 + "config" }
        let fromConfig = INIFile(config.flatMap(read) ?? "")
        let fromCredentials = INIFile(credentials.flatMap(read) ?? "")
        settings = (fromConfig.sections["profile " + name] ?? (name == "default" ? fromConfig.sections[name] : nil) ?? [:])
            .merging(fromCredentials.sections[name] ?? [:]) { $1 }
    }

    static func contents(ofFile path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}

/// The sections of AWS's shared files with their settings.
///
/// Nested settings (indented lines) are ignored.
struct INIFile {
    private(set) var sections: [String: [String: String]] = [:]

    init(_ text: String) {
        var section: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first == "[", let end = line.firstIndex(of: "]") {
                section = line[line.index(after: line.startIndex)..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            } else if let section, let first = line.first, first != "#", first != ";", !first.isWhitespace {
                let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmed }
                if parts.count == 2 { sections[section, default: [:]][parts[0].lowercased()] = parts[1] }
            }
        }
    }
}
