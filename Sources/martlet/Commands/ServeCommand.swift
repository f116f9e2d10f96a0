import ArgumentParser
import Logging
import Operations

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server until SIGTERM or SIGINT.",
        discussion: "Logs go to standard error. On a signal, requests and emails under way are finished, within ten seconds.")

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Do not print what to try next.")
    var quiet = false

    func run() async throws {
        let source = try configuration.source()
        let settings = try Settings.read(source)
        bootstrapLogging(settings.log)
        let logger = Logger(label: "martlet")
        try await explainingFailures {
            try PrivateFiles.createFolder(PrivateFiles.folder(of: settings.database.path))
            let master = try MasterToken.find(settings)
            let node = try await Node(settings, environment: source.environment, masterToken: master.token, logger: logger)
            try await node.run { greet(settings, master, logger) }
        }
    }

    private func greet(_ settings: Settings, _ master: MasterToken, _ logger: Logger) {
        logger.notice(
            "Listening",
            metadata: [
                "http.url": "\(settings.localURL)", "transport": "\(settings.transport.rawValue)",
                "roles": "\(settings.roles.map(\.rawValue).sorted().joined(separator: ","))",
            ])
        if !quiet { Output.write(Greeting(settings, master).text) }
    }
}

private func bootstrapLogging(_ settings: Settings.Log) {
    let output = LogOutput.standardError(clock: SystemClock.now)
    let format = settings.format(onTerminal: StandardStream.error.isTerminal)
    LoggingSystem.bootstrap { label in
        LineLogHandler(label: label, level: settings.level, format: format, output: output)
    }
}
