import Configuration
import JSON

/// Where settings come from: the environment, and a file for what the environment does not say.
public struct SettingsSource: Sendable {
    /// The process's environment, with what an environment file adds to it.
    public private(set) var environment: [String: String]
    /// The values of a JSON file by key.
    private var fileValues: [String: String] = [:]
    private var fileName = ""

    /// Settings from the environment alone.
    public init(environment: [String: String]) {
        self.environment = environment
    }

    /// Settings from the environment and a file; the environment wins.
    ///
    /// - Parameters:
    ///   - file: what the file holds.
    ///   - name: the file's path. A name that ends in `.json` is a JSON object, nested or with dotted names; any other is
    ///     an environment file, as systemd and Docker read it.
    /// - Throws: ``SettingsError`` with every line that is malformed.
    public init(environment: [String: String], file: [UInt8], name: String) throws(SettingsError) {
        self.init(environment: environment)
        fileName = name
        if name.hasSuffix(".json") {
            fileValues = try Self.values(ofJSON: file, name: name)
        } else {
            let variables = try EnvironmentFile.variables(in: String(decoding: file, as: UTF8.self), name: name)
            self.environment.merge(variables) { ours, _ in ours }
        }
    }

    var providers: [any ConfigProvider] {
        let values = fileValues.map { key, text in
            (AbsoluteConfigKey(ConfigKey("martlet.\(key)")), ConfigValue(.string(text), isSecret: true))
        }
        return [
            EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .all),
            // Not the library's JSON provider: that does not tell which names it read, and a misspelt one would be passed over in silence.
            InMemoryProvider(name: "file", values: Dictionary(uniqueKeysWithValues: values)),
        ]
    }

    /// The names given that settings may have: all `MARTLET_…` variables, and all keys of a file.
    var names: [String] {
        environment.keys.filter { $0.hasPrefix("MARTLET_") }.sorted() + fileValues.keys.sorted()
    }

    /// How to call a setting in a message: by the name under which its value was given.
    func name(of setting: SettingDescription) -> String {
        environment[setting.variable] == nil && fileValues[setting.key] != nil ? "\(setting.key) in \(fileName)" : setting.variable
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
