import ArgumentParser
import Glibc
import Hummingbird
import Logging

/// A stand-in for Amazon SES (sending, account and tenants by version 2, identities by version 1) with latency, injected faults and a log of
/// accepted messages.
///
/// Tests and benchmarks set `AWS_ENDPOINT_URL` to its address. It verifies no signatures, and every identity is verified.
@main
struct Sink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ses-sink", abstract: "An Amazon SES stand-in that delays, fails and keeps a log.")

    @Option(help: "Port on the loopback interface; 0 takes a free one and prints it.")
    var port = 0

    @Option(help: "File that gets one line per accepted message before it is answered: milliseconds, our id, message id.")
    var log: String?

    @Option(help: "File that gets one line per callback (POST /callbacks/…): milliseconds, those of the event, path, webhook-id, status.")
    var callbackLog: String?

    @OptionGroup var behaviour: Behaviour

    func run() async throws {
        let state = try SinkState(behaviour: behaviour, log: log.map(AcceptanceLog.init(path:)))
        var logger = Logger(label: "ses-sink")
        logger.logLevel = .error
        let application = Application(
            responder: SinkResponder(state: state, callbacks: CallbackReceiver(log: try callbackLog.map(AcceptanceLog.init(path:)))),
            configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "ses-sink", backlog: 1024),
            onServerRunning: { channel in Self.announce("listening \(channel.localAddress?.port ?? 0)") },
            logger: logger
        )
        try await application.runService()
    }

    /// Prints a line unbuffered, also into a pipe: the parent process waits for it.
    private static func announce(_ line: String) {
        var line = line + "\n"
        line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
