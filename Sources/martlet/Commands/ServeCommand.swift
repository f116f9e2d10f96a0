import ArgumentParser
import CoreMetrics
import Glibc
import Logging
import Metering
import NIOCore
import NIOPosix
import PolicyServer
import Runtime
import Storage

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server until SIGTERM or SIGINT.",
        discussion: "Logs go to standard error. On a signal, requests and emails under way are finished, within ten seconds.")

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Do not print what to try next.")
    var quiet = false

    func run() async throws {
        // Requests are handled on the event loop that read them, which saves two thread switches. No code blocks a loop; the database has
        // threads of its own. It returns false where the runtime does not support it, and requests are a little slower.
        _ = NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
        let (settings, source, notes) = try configuration.workable()
        bootstrapLogging(settings.log)
        let metrics = MetricsRegistry(MetricCatalogue.families)
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "martlet")
        for note in notes {
            logger.warning("Configuration note", metadata: ["configuration.note": "\(note)"])
        }
        let connections = try connections(settings, logger)
        try await OpenStore.use(settings, as: .server, logger: logger) { store in
            // Before any work begins.
            if let hold = try await store.refreshHold() { HoldWatch.report(hold, to: logger) }
            let master = try MasterToken.find(settings)
            let provider = try Provider(settings, environment: source.environment, store: store, logger: logger)
            try await provider.use {
                let node = try await Node(
                    settings, store: store, provider: provider, masterToken: master.token, connections: connections, metrics: metrics,
                    logger: logger)
                try await run(node, settings) { greet(settings, master, logger) }
            }
        }
    }

    /// Returns how many HTTP connections there may be, after raising the limit of open files.
    ///
    /// - Throws: ``CommandFailure`` where the limit leaves none.
    private func connections(_ settings: Settings, _ logger: Logger) throws -> Int {
        let files = OpenFiles(settings, limit: OpenFiles.raiseLimit())
        let wanted = settings.http.maxConnections
        guard let connections = files.connections(atMost: wanted) else {
            throw CommandFailure(
                "The limit of open files is \(files.limit), of which \(files.reserved) are needed for the database, deliveries and callbacks: raise it, to \(files.reserved + wanted) for MARTLET_HTTP_MAX_CONNECTIONS (ulimit -n, LimitNOFILE=)"
            )
        }
        if connections < wanted, settings.roles.contains(.http) {
            logger.warning(
                "The limit of open files leaves fewer connections than http.maxConnections",
                metadata: [
                    "files.limit": "\(files.limit)", "files.reserved": "\(files.reserved)", "http.connections": "\(connections)",
                ])
        }
        return connections
    }

    private func run(_ node: Node, _ settings: Settings, onListening: @escaping @Sendable () async -> Void) async throws {
        do {
            try await node.run(onListening: onListening)
        } catch let error as PolicyListenError {
            throw CommandFailure("Cannot listen for policy requests on \(error)")
        } catch let error as IOError {
            throw CommandFailure(
                "Cannot listen on \(settings.http.host), port \(settings.http.port): \(String(cString: strerror(error.errnoCode)))")
        }
    }

    private func greet(_ settings: Settings, _ master: MasterToken, _ logger: Logger) {
        logger.notice(
            "Listening",
            metadata: [
                "http.url": "\(settings.localURL)", "transport": "\(settings.transport.rawValue)",
                "roles": "\(settings.roles.map(\.rawValue).sorted().joined(separator: ","))",
            ])
        if !quiet { Output.write(Greeting(settings, master, isOnTerminal: StandardStream.output.isTerminal).text) }
    }

    private func bootstrapLogging(_ settings: Settings.Log) {
        let output = LogOutput.standardError(clock: SystemClock.now)
        let format = settings.format(onTerminal: StandardStream.error.isTerminal)
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, level: settings.level, format: format, output: output)
        }
    }
}
