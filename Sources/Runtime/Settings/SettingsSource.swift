import Configuration
import JSON

/// All problems of a configuration, so that they can be corrected together.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// The problems, a sentence each, with the name of the setting and what was expected.
    ///
    /// They contain no value of a secret.
    package var problems: [String]

    /// Creates an error.
    package init(problems: [String]) {
        self.problems = problems
    }

    /// The problems, an indented line each.
    package var description: String {
        problems.map { "  " + $0 }.joined(separator: "\n")
    }
}

/// The sources of settings: the environment, and a file for what is not in the environment.
package struct SettingsSource: Sendable {
    /// The environment of the process, with the variables that an environment file adds to it.
    package private(set) var environment: [String: String]
    /// The environment of the process alone.
    private var given: [String: String]
    /// The values of a JSON file by key.
    private var fileValues: [String: String] = [:]
    private var fileName = ""
    /// The places of the variables of an environment file, such as `martlet.env, line 3`.
    private var places: [String: String] = [:]

    /// Creates a source of settings from the environment alone.
    package init(environment: [String: String]) {
        self.environment = environment
        given = environment
    }

    /// Creates a source of settings from the environment and a file.
    ///
    /// The environment takes precedence.
    ///
    /// - Parameters:
    ///   - file: the content of the file, in UTF-8, with or without a byte order mark.
    ///   - name: the path of the file. With the ending `.json` it is a JSON object, nested or with dotted names, else an environment file as
    ///     systemd reads it.
    /// - Throws: ``SettingsError`` with every line that is malformed.
    package init(environment: [String: String], file: [UInt8], name: String) throws(SettingsError) {
        self.init(environment: environment)
        fileName = name
        let content = try Self.withoutByteOrderMark(file, name: name)
        if name.hasSuffix(".json") {
            fileValues = try Self.values(ofJSON: content, name: name)
        } else {
            let file = EnvironmentFile(content, name: name)
            guard file.problems.isEmpty else { throw SettingsError(problems: file.problems) }
            for assignment in file.assignments {
                places[assignment.name] = file.place(of: assignment)
                if environment[assignment.name] == nil { self.environment[assignment.name] = assignment.value }
            }
        }
    }

    /// Returns the bytes of the file without a byte order mark.
    ///
    /// - Throws: ``SettingsError`` unless they are UTF-8.
    private static func withoutByteOrderMark(_ bytes: [UInt8], name: String) throws(SettingsError) -> [UInt8] {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0) {
            throw SettingsError(problems: ["\(name) is UTF-16 or no text at all: save it as UTF-8"])
        }
        guard String(validating: content, as: UTF8.self) != nil else {
            throw SettingsError(problems: ["\(name) is not UTF-8: save it as UTF-8"])
        }
        return content
    }

    /// The values for swift-configuration, in the order of precedence.
    var providers: [any ConfigProvider] {
        let values = fileValues.map { key, text in
            (AbsoluteConfigKey(ConfigKey("martlet.\(key)")), ConfigValue(.string(text), isSecret: true))
        }
        return [
            EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .all),
            // Not the library's JSON provider: it does not list the names in the file, so a misspelt one would be ignored silently.
            InMemoryProvider(name: "file", values: Dictionary(uniqueKeysWithValues: values)),
        ]
    }

    /// Returns what is wrong with the names in the sources, and which of them have no effect.
    func judge(_ names: SettingNames) -> (problems: [String], notes: [String]) {
        var (problems, notes): ([String], [String]) = ([], [])
        for name in given.keys.sorted() where name.uppercased().hasPrefix("MARTLET_") {
            if case .misspelt(let problem) = names.meaning(ofVariable: name) { problems.append(problem) }
        }
        for (name, place) in places.sorted(by: { $0.key < $1.key }) {
            switch names.meaning(ofVariable: name) {
            case .known: break
            case .misspelt(let problem): problems.append("\(place): \(problem)")
            case .foreign(let note): notes.append("\(place): \(note)")
            }
        }
        return (problems + fileValues.keys.sorted().compactMap(names.problem(ofKey:)), notes)
    }

    /// Returns the name of a setting in messages: the name under which its value was given, and the place.
    func name(of setting: SettingDescription) -> String {
        if given[setting.variable] != nil { return setting.variable }
        if let place = places[setting.variable] { return "\(place): \(setting.variable)" }
        return fileValues[setting.key] == nil ? setting.variable : "\(setting.key) in \(fileName)"
    }

    private static func values(ofJSON bytes: [UInt8], name: String) throws(SettingsError) -> [String: String] {
        let document: JSONValue
        do {
            document = try JSONValue.parse(bytes)
        } catch {
            throw SettingsError(problems: ["\(name): \(error)"])
        }
        guard case .object(let members) = document else { throw SettingsError(problems: ["\(name): expected an object"]) }
        var values: [String: String] = [:]
        var problems: [String] = []
        flatten(members, under: "", into: &values, problems: &problems)
        guard problems.isEmpty else { throw SettingsError(problems: problems.map { "\(name): \($0)" }) }
        return values
    }

    private static func flatten(_ members: JSONObject, under prefix: String, into values: inout [String: String], problems: inout [String])
    {
        for member in members {
            let key = prefix + member.name
            if case .object(let inner) = member.value {
                flatten(inner, under: key + ".", into: &values, problems: &problems)
            } else if let text = text(of: member.value), values[key] == nil {
                values[key] = text
            } else {
                problems.append(values[key] == nil ? "\(key) is \(member.value.kind)" : "\(key) is given twice")
            }
        }
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .bool, .number: String(decoding: value.serialized, as: UTF8.self)
        case .array(let elements):
            elements.allSatisfy { $0.stringValue?.contains(",") == false } ? elements.compactMap(\.stringValue).joined(separator: ",") : nil
        case .null, .object: nil
        }
    }
}
