import ArgumentParser
import Operations

/// Where a command takes its settings from.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "Settings: JSON where the name ends in .json, else lines of NAME=value. Variables of the environment win.", valueName: "file"))
    var file: String?

    func source() throws -> SettingsSource {
        let environment = processEnvironment()
        guard let file else { return SettingsSource(environment: environment) }
        do {
            guard let content = try PrivateFiles.read(file, isSecret: false) else {
                throw SettingsError(problems: ["\(file): no such file"])
            }
            return try SettingsSource(environment: environment, file: content, name: file)
        } catch let error as FileError {
            throw SettingsError(problems: [error.description])
        }
    }

    func settings() throws -> Settings {
        try Settings.read(source())
    }
}

struct FormatOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var asJSON = false
}
