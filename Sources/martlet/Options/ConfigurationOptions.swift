import ArgumentParser
import Runtime

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

    /// The settings of a server, and what it needs from this machine.
    ///
    /// - Throws: ``SettingsError``, also for what is configured for AWS.
    func examined() throws -> (settings: Settings, source: SettingsSource, machine: [MachineCheck.Result]) {
        let source = try source()
        let settings = try Settings.read(source)
        let machine = MachineCheck.results(settings, environment: source.environment)
        let problems = machine.compactMap { if case .misconfigured(let problem) = $0.outcome { problem } else { nil } }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return (settings, source, machine)
    }

    /// The settings for a command that is about to work with them, and what it cannot do on this machine.
    ///
    /// - Throws: ``SettingsError``, or ``CommandFailure`` with what the machine lacks.
    func workable() throws -> (settings: Settings, source: SettingsSource, notes: [String]) {
        let (settings, source, machine) = try examined()
        for case .wrong(let problem) in machine.map(\.outcome) { throw CommandFailure(problem) }
        return (settings, source, settings.notes + machine.compactMap(\.warning))
    }
}

extension MachineCheck.Result {
    /// A sentence about what is missing on this machine; `nil` where nothing is.
    var warning: String? {
        switch outcome {
        case .well: nil
        case .notice(let sentence), .wrong(let sentence), .misconfigured(let sentence): sentence
        }
    }
}

struct FormatOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var asJSON = false
}
