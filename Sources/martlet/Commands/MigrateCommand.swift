import ArgumentParser
import JSON
import Runtime
import Storage

/// The command that migrates the database.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Create the database, or migrate it to this version.",
        discussion: "`serve` does the same at its start.")

    @Flag(help: "Say what would be done, and about how long it takes on this data; change nothing.")
    var plan = false

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let settings = try configuration.settings()
        guard !plan else { return try await showPlan(settings) }
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

    private func showPlan(_ settings: Settings) async throws {
        let steps = try await CommandFailure.explaining {
            let store = try await OpenStore.open(settings)
            let steps = try await store.migrationPlan()
            try await store.close()
            return steps
        }
        guard !format.asJSON else { return Output.show(steps.map(object(of:)), asJSON: true) }
        guard !steps.isEmpty else { return Output.write("The database is up to date.\n") }
        Output.show(steps.map(object(of:)), asJSON: false)
        let seconds = steps.map(\.seconds).reduce(0, +)
        Output.write("\(steps.count) steps, about \(max(1, Int(seconds.rounded(.up)))) s on this data. Nothing was changed.\n")
        guard let last = steps.last(where: \.isContraction) else { return }
        Output.write("\(last.name) removes what older versions need: stop their nodes first; they do not start again afterwards.\n")
    }

    private func object(of step: MigrationStep) -> JSONObject {
        let tables = step.rows.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return [
            "step": .string(step.name), "rows": .array(tables.map { .string($0) }), "seconds": .real((step.seconds * 100).rounded() / 100),
            "removes": .bool(step.isContraction),
        ]
    }
}
