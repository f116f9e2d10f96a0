import ArgumentParser
import Runtime

/// The program: parses the command line and runs the command.
@main
struct Martlet: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        abstract: "Self-hosted outbound email on Amazon SES.",
        discussion: """
            Exit codes: 0 done, 1 failed or refused, 64 wrong usage, 78 wrong configuration.
            Settings come from MARTLET_… variables and --config FILE; see docs/configuration.md or `martlet check-config --example`.
            """,
        version: version,
        subcommands: [
            ServeCommand.self, CheckConfigCommand.self, MigrateCommand.self, CopyDatabaseCommand.self, KeyCommand.self, DomainCommand.self,
            SendCommand.self, EmailsCommand.self,
            SuppressionsCommand.self, ReportCommand.self, AuditCommand.self, SimulateCommand.self, DoctorCommand.self,
            HealthCommand.self, BackupCommand.self, RestoreCommand.self, ReleaseCommand.self,
        ])

    static func main() async {
        if let unknown = UnknownCommand(in: Array(CommandLine.arguments.dropFirst()), of: Self.self) {
            Output.complain(unknown.explanation)
            exit(withError: ExitCode.validationFailure)
        }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as SettingsError {
            Output.complain("The configuration is wrong:\n\(error)")
            exit(withError: ExitCode(78))
        } catch let error as CommandFailure {
            Output.complain(error.explanation)
            exit(withError: ExitCode.failure)
        } catch {
            exit(withError: error)
        }
    }
}
