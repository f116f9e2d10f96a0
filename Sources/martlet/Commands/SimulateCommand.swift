import ArgumentParser
import JSON
import MailModel
import Runtime

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Send emails of which some bounce, on a running server with the capture transport.",
        discussion: """
            Creates a domain, verifies it with the stand-in for SES, sends emails of which some bounce, and shows the counters until all
            are sent or the guillotine suspends the domain. Exit code 0 in both cases.
            """)

    @Option(help: "The domain to send from; a new one when nothing is given.")
    var domain: String?

    @Option(help: "How many emails to send.")
    var emails = 200

    @Option(help: ArgumentHelp("How many of a hundred bounce.", valueName: "percent"))
    var bounce = 5

    @OptionGroup var server: ServerOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (1...100_000).contains(emails) else { throw ValidationError("--emails: expected 1 to 100000") }
        guard (0...100).contains(bounce) else { throw ValidationError("--bounce: expected 0 to 100") }
    }

    func run() async throws {
        let name = domain ?? "simulation-\(SystemClock.now().milliseconds).example"
        let simulation = Simulation(client: try server.client(), domain: name, emails: emails, bouncePercent: bounce)
        try await simulation.prepare()
        let result = try await simulation.run { state in
            if !format.asJSON { Output.write(state.line + "\n") }
        }
        if format.asJSON { Output.show(result.object, asJSON: true) } else { Output.write(result.verdict + "\n") }
    }
}
