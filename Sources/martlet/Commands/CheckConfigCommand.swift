import ArgumentParser
import JSON
import Runtime

struct CheckConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Say whether the configuration is right, and what is wrong with it.",
        discussion: """
            Exit code 78 when it is wrong; nothing is started, opened or created. What a server with these settings would lack on this machine
            is a note: see `martlet doctor`.
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    @Flag(help: "Print a configuration to start from in production, every setting explained.")
    var example = false

    func run() throws {
        if example { return Output.write(ExampleConfiguration.text(version: Martlet.version)) }
        guard format.asJSON else {
            return Output.write("The configuration is right.\n" + (try notes()).map { "Note: \($0).\n" }.joined())
        }
        do {
            let notes = try notes().map { JSONValue.string($0) }
            Output.show(["ok": .bool(true), "problems": .array([]), "notes": .array(notes)], asJSON: true)
        } catch let error as SettingsError {
            Output.show(["ok": .bool(false), "problems": .array(error.problems.map { .string($0) })], asJSON: true)
            throw ExitCode(78)
        }
    }

    /// Returns the notes about settings and machine.
    private func notes() throws -> [String] {
        let (settings, _, machine) = try configuration.examined()
        return settings.notes + machine.compactMap(\.warning)
    }
}
