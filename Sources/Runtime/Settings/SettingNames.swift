/// The names of all settings, by which misspelt ones are found: a setting with a typing error must not be ignored silently
/// (specification 14.1).
struct SettingNames {
    private let variables: [String]
    private let keys: [String]

    init(known: [SettingDescription]) {
        variables = known.map(\.variable)
        keys = known.map(\.key)
    }

    /// The meaning of a variable's name to the program.
    enum Meaning: Equatable {
        /// It is read, here or by another part of the system.
        case known
        /// It looks like a setting, and is none: a sentence for people.
        case misspelt(String)
        /// It belongs to another program, and has no effect in a file of settings: a sentence for people.
        case foreign(String)
    }

    /// Returns the meaning of a variable's name, in the environment or in an environment file.
    func meaning(ofVariable name: String) -> Meaning {
        if variables.contains(name) { return .known }
        if Self.isOurs(name) { return .foreign("\(name) is for other commands or programs, which do not read it from a file") }
        if name.hasPrefix("AWS_") { return .known }
        let meant = suggestion(forVariable: name)
        guard name.utf8.allSatisfy(\.isNameByte), name.first?.isNumber == false else {
            return .misspelt("\(name.debugDescription) is not the name of a variable" + Self.question(meant))
        }
        let isClose = name.uppercased().hasPrefix("MARTLET_") || (meant != nil && name != name.uppercased())
        guard isClose else {
            return .foreign("\(name) has no effect: only MARTLET_… and AWS_… are read from a file" + Self.question(meant))
        }
        return .misspelt("\(name) is no setting" + Self.question(meant))
    }

    /// Returns what is wrong with a key of a JSON file; `nil` for a setting's key.
    func problem(ofKey name: String) -> String? {
        if keys.contains(name) { return nil }
        let variable = suggestion(forVariable: name).flatMap(variables.firstIndex)
        return "\(name) is no setting" + Self.question(variable.map { keys[$0] } ?? nearest(to: name, among: keys))
    }

    private static func question(_ meant: String?) -> String {
        meant.map { ": did you mean \($0)?" } ?? ""
    }

    /// Returns whether a variable has our prefix and is not for the server: those of the client commands and of the build, and those that
    /// Kubernetes sets for a service named `martlet`.
    private static func isOurs(_ name: String) -> Bool {
        ["MARTLET_URL", "MARTLET_TOKEN", "MARTLET_WARNINGS_AS_ERRORS", "MARTLET_PORT"].contains(name)
            || name.hasPrefix("MARTLET_SERVICE_") || name.hasPrefix("MARTLET_PORT_")
    }

    /// Returns the variable that is meant by a name in lower case, with other separators, without our prefix, as a key, or misspelt.
    private func suggestion(forVariable name: String) -> String? {
        let capitals = String(name.uppercased().map { ".- ".contains($0) ? "_" : $0 })
        if capitals.hasPrefix("AWS_") { return capitals }
        let spellings = [capitals, "MARTLET_" + capitals, SettingDescription.variable(of: name)]
        if let meant = spellings.first(where: variables.contains) { return meant }
        return capitals.hasPrefix("MARTLET_") ? nearest(to: capitals, among: variables) : nil
    }

    /// Returns the known name with the smallest edit distance; `nil` where that is more than 3 and a third of the name.
    private func nearest(to name: String, among known: [String]) -> String? {
        Spelling.nearest(to: name, among: known, within: max(3, name.count / 3))
    }
}

extension UInt8 {
    /// Whether a variable's name may have the byte: letters, digits and `_` (POSIX, "Environment Variables").
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
