import FoundationEssentials
import MailModel

/// Credentials of the chosen profile in AWS's shared files: keys, a role that is assumed with others, a program that prints them, or those of a
/// login by `aws sso login`.
///
/// Source: AWS SDKs and Tools reference guide, "Shared config and credentials files" and the pages of the credential providers.
struct SharedFileCredentials: CredentialsSource {
    let environment: [String: String]
    let http: AWSHTTPClient
    let clock: @Sendable () -> Timestamp
    var read: @Sendable (String) -> String? = { SharedProfile.contents(ofFile: $0) }
    let name = "shared-files"

    /// The most profiles of which one names the next as its source.
    private static let longestChain = 5

    func find() async throws(CredentialsError) -> AWSCredentials? {
        let files = SharedFiles(environment: environment, read: read)
        let profile = SharedProfile(files: files, name: SharedProfile.name(environment))
        if let found = try await credentials(of: profile, files, depth: 0) { return found }
        guard environment.filled("AWS_PROFILE") == nil else {
            throw CredentialsError("AWS_PROFILE \(profile.name) has no credentials in the shared files")
        }
        return nil
    }

    private func credentials(of profile: SharedProfile, _ files: SharedFiles, depth: Int) async throws(CredentialsError) -> AWSCredentials?
    {
        let settings = profile.settings
        if let arn = settings["role_arn"] {
            return try await credentials(ofRole: arn, profile, files, depth: depth)
        }
        if let keys = profile.keys { return keys }
        if settings["sso_session"] ?? settings["sso_start_url"] != nil {
            return try await SSOCredentials(environment: environment, http: http, clock: clock, read: read).credentials(of: profile, files)
        }
        if let command = settings["credential_process"] { return try await CredentialProcess.credentials(of: command, profile.name) }
        return nil
    }

    private func credentials(
        ofRole arn: String, _ profile: SharedProfile, _ files: SharedFiles, depth: Int
    ) async throws(CredentialsError) -> AWSCredentials {
        let settings = profile.settings
        guard settings["mfa_serial"] == nil else {
            throw CredentialsError("AWS profile \(profile.name): mfa_serial needs a person, which a server has none of")
        }
        let role = SecurityTokenService.Role(
            arn: arn, sessionName: settings["role_session_name"], externalID: settings["external_id"], seconds: settings["duration_seconds"]
        )
        let service = SecurityTokenService(environment: environment, http: http, clock: clock)
        if let path = settings["web_identity_token_file"] {
            return try await WebIdentityCredentials.credentials(role, tokenFile: path, service, read)
        }
        let source = try await sourceCredentials(of: profile, files, depth: depth)
        return try await service.assume(role, with: source)
    }

    /// The credentials that a profile's role is assumed with: those of `source_profile`, or where `credential_source` says.
    private func sourceCredentials(
        of profile: SharedProfile, _ files: SharedFiles, depth: Int
    ) async throws(CredentialsError) -> AWSCredentials {
        guard depth < Self.longestChain else {
            throw CredentialsError("AWS profile \(profile.name): more than \(Self.longestChain) profiles name each other by source_profile")
        }
        var found: AWSCredentials?
        switch (profile.settings["source_profile"], profile.settings["credential_source"]) {
        // A profile may name itself: then its own keys assume its role.
        case (profile.name, nil): found = profile.keys
        case (let name?, nil):
            found = try await credentials(of: SharedProfile(files: files, name: name), files, depth: depth + 1)
        case (nil, "Environment"): found = try EnvironmentCredentials(environment: environment).find()
        case (nil, "EcsContainer"): found = try await ContainerCredentials(environment: environment, http: http, read: read).find()
        case (nil, "Ec2InstanceMetadata"): found = try await InstanceCredentials(environment: environment, http: http).find()
        default:
            throw CredentialsError(
                "AWS profile \(profile.name): role_arn needs source_profile, or credential_source Environment, EcsContainer or Ec2InstanceMetadata"
            )
        }
        guard let found else { throw CredentialsError("AWS profile \(profile.name): the source of its role has no credentials") }
        return found
    }
}

/// AWS's shared files: `~/.aws/credentials` and `~/.aws/config`, or where `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE` point.
struct SharedFiles {
    let config: INIFile
    let credentials: INIFile

    /// - Parameter read: returns the text of the file at a path; `nil` when there is none.
    init(environment: [String: String], read: (String) -> String?) {
        let home = environment.filled("HOME").map { $0 + "/.aws/" }
        config = INIFile((environment.filled("AWS_CONFIG_FILE") ?? home.map { $0 + "config" }).flatMap(read) ?? "")
        credentials = INIFile((environment.filled("AWS_SHARED_CREDENTIALS_FILE") ?? home.map { $0 + "credentials" }).flatMap(read) ?? "")
    }
}

/// A profile of AWS's shared files.
///
/// `AWS_PROFILE` names the one that is used, `default` otherwise.
struct SharedProfile {
    let name: String
    /// The settings of both files; the credentials file takes precedence.
    let settings: [String: String]

    init(environment: [String: String], read: (String) -> String? = Self.contents(ofFile:)) {
        self.init(files: SharedFiles(environment: environment, read: read), name: Self.name(environment))
    }

    init(files: SharedFiles, name: String) {
        self.name = name
        let config = files.config.sections["profile " + name] ?? (name == "default" ? files.config.sections[name] : nil) ?? [:]
        settings = config.merging(files.credentials.sections[name] ?? [:]) { $1 }
    }

    /// The keys that stand in the profile; `nil` where there are none.
    var keys: AWSCredentials? {
        guard let id = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"] else { return nil }
        return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: settings["aws_session_token"])
    }

    static func name(_ environment: [String: String]) -> String {
        environment.filled("AWS_PROFILE") ?? "default"
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
