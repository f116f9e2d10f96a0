import ArgumentParser
import JSON
import Runtime
import Storage

/// The command that migrates the database.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Create the database, or migrate it to this version.",
        discussion: "`serve` does the same at its start.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let settings = try configuration.settings()
        let steps = try await CommandFailure.explaining {
            let store = try await OpenStore.open(settings)
            let steps = try await store.migrate()
            try await store.close()
            return steps
        }
        if format.asJSON {
            Output.show(["applied": .array(steps.map { .string($0) })], asJSON: true)
        } else {
            Output.write(text(of: steps) + "\n")
        }
    }

    private func text(of steps: [String]) -> String {
        guard steps.first != Store.firstMigration else { return "Database created (\(steps.count) steps)." }
        return steps.isEmpty ? "The database is up to date." : "Applied: \(steps.joined(separator: ", "))"
    }
}
