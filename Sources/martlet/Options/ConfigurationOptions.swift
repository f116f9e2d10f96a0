import ArgumentParser
import Foundation
import Runtime

/// The options that say where a command reads its settings.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "Settings: JSON where the name ends in .json, else lines of NAME=value. Variables of the environment win.", valueName: "file"))
    var file: String?

    /// The environment of the process.
    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Returns the sources of the settings.
    ///
    /// - Throws: ``SettingsError``, also for a file that cannot be read.
    func source() throws -> SettingsSource {
        let environment = Self.environment
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

    /// Returns the settings.
    ///
    /// - Throws: ``SettingsError``.
    func settings() throws -> Settings {
        try Settings.read(source())
    }

    /// Returns the settings of a server, their sources, and the checks of this machine.
    ///
    /// - Throws: ``SettingsError``, also for AWS's variables.
    func examined() throws -> (settings: Settings, source: SettingsSource, machine: [MachineCheck.Result]) {
        let source = try source()
        let settings = try Settings.read(source)
        let machine = MachineCheck.results(settings, environment: source.environment)
        let problems = machine.compactMap { if case .misconfigured(let problem) = $0.outcome { problem } else { nil } }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return (settings, source, machine)
    }

    /// Returns the settings for a server that is about to start, their sources, and notes about settings and machine.
    ///
    /// - Throws: ``SettingsError``, or ``CommandFailure`` with what the machine lacks.
    func workable() throws -> (settings: Settings, source: SettingsSource, notes: [String]) {
        let (settings, source, machine) = try examined()
        for case .wrong(let problem) in machine.map(\.outcome) { throw CommandFailure(problem) }
        return (settings, source, settings.notes + machine.compactMap(\.warning))
    }
}

extension MachineCheck.Result {
    /// The sentence of a check that has found something; `nil` for any other.
    var warning: String? {
        switch outcome {
        case .well: nil
        case .notice(let sentence), .wrong(let sentence), .misconfigured(let sentence): sentence
        }
    }
}

/// The option for the format of the output.
struct FormatOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON.")
    var asJSON = false
}
