import ArgumentParser
import Runtime

/// The options that say which server a command calls.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the server is. Else MARTLET_URL, else what the settings say.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "A client key or the master token. Else MARTLET_TOKEN, else the master token of the settings.", valueName: "token"))
    var token: String?

    @OptionGroup var configuration: ConfigurationOptions

    /// Returns a client of the server.
    ///
    /// - Throws: ``SettingsError``, or ``CommandFailure`` without a token, or without CA certificates for an https URL.
    func client() throws -> APIClient {
        let environment = ConfigurationOptions.environment
        guard let url = url ?? environment["MARTLET_URL"], let token = token ?? environment["MARTLET_TOKEN"] else {
            return try localClient()
        }
        return try client(url, token)
    }

    /// Returns a client with the URL or token, where one is not given, of the server with the same settings on this machine.
    private func localClient() throws -> APIClient {
        let environment = ConfigurationOptions.environment
        let settings = try configuration.settings()
        let token = try self.token ?? environment["MARTLET_TOKEN"] ?? masterToken(settings)
        return try client(url ?? environment["MARTLET_URL"] ?? settings.localURL, token)
    }

    private func client(_ url: String, _ token: String) throws -> APIClient {
        if url.lowercased().hasPrefix("https:"), CACertificates.system.areMissing {
            throw CommandFailure("This machine has no CA certificates, against which \(url) has to be verified: \(CACertificates.advice)")
        }
        return APIClient(url: withoutSlash(url), token: token)
    }

    private func masterToken(_ settings: Settings) throws -> String {
        do {
            if let token = try MasterToken.existing(settings) { return token }
        } catch {
            throw CommandFailure(error.description)
        }
        throw CommandFailure("No token: give --token or MARTLET_TOKEN, or start `martlet serve` here first")
    }

    private func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
