import ArgumentParser
import JSON
import Runtime

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check whether the server with these settings works, and print what is wrong with it.",
        discussion: """
            Checks the configuration, the database, each port of a running server and the account at SES; counts and changes nothing.
            Exit code 1 when something is wrong, 78 when the configuration is.
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        do {
            let (settings, source, machine) = try configuration.examined()
            let findings = try await Doctor(settings, environment: source.environment, machine: machine).examine()
            show(findings)
            if findings.contains(where: { !$0.isWell }) { throw ExitCode.failure }
        } catch let error as SettingsError {
            show([Finding("configuration", isWell: false, error.problems.joined(separator: "; "))])
            throw ExitCode(78)
        }
    }

    private func show(_ findings: [Finding]) {
        guard format.asJSON else { return Output.show(findings.map(\.row), asJSON: false) }
        let isWell = findings.allSatisfy(\.isWell)
        Output.show(["ok": .bool(isWell), "checks": .array(findings.map { .object($0.json) })], asJSON: true)
    }
}
