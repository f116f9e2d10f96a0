/// Tells names of settings from misspelt ones: a setting with a typing error must not be passed over in silence.
struct SettingNames {
    private let variables: [String]
    private let keys: [String]

    init(known: [SettingDescription]) {
        variables = known.map(\.variable)
        keys = known.map(\.key)
    }

    /// What a name of a variable means to the program.
    enum Meaning: Equatable {
        /// It is read, or meant for another part of the system, and rightly there.
        case known
        /// It looks like a setting and is none: a sentence.
        case misspelt(String)
        /// It is another program's. In a file, where only settings are read, it has no effect: a sentence.
        case foreign(String)
    }

    /// Judges the name of a variable, of the environment or of an environment file.
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

    /// Judges a key of a JSON file.
    ///
    /// - Returns: what is wrong with it; `nil` for a setting's key.
    func problem(ofKey name: String) -> String? {
        if keys.contains(name) { return nil }
        let variable = suggestion(forVariable: name).flatMap(variables.firstIndex)
        return "\(name) is no setting" + Self.question(variable.map { keys[$0] } ?? nearest(to: name, among: keys))
    }

    private static func question(_ meant: String?) -> String {
        meant.map { ": did you mean \($0)?" } ?? ""
    }

    /// Variables that begin like ours and are not for the server: those of the client commands and of the build, and those that Kubernetes
    /// sets for a service by the name of `martlet`.
    private static func isOurs(_ name: String) -> Bool {
        ["MARTLET_URL", "MARTLET_TOKEN", "MARTLET_WARNINGS_AS_ERRORS", "MARTLET_PORT"].contains(name)
            || name.hasPrefix("MARTLET_SERVICE_") || name.hasPrefix("MARTLET_PORT_")
    }

    /// The variable that somebody means who writes it in lower case, with other separators, without our prefix, as a key, or misspelt.
    private func suggestion(forVariable name: String) -> String? {
        let capitals = String(name.uppercased().map { ".- ".contains($0) ? "_" : $0 })
        if capitals.hasPrefix("AWS_") { return capitals }
        let spellings = [capitals, "MARTLET_" + capitals, SettingDescription.variable(of: name)]
        if let meant = spellings.first(where: variables.contains) { return meant }
        return capitals.hasPrefix("MARTLET_") ? nearest(to: capitals, among: variables) : nil
    }

    /// The known name that is the fewest changes away, if that is not too many.
    private func nearest(to name: String, among known: [String]) -> String? {
        let distances = known.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= max(3, name.count / 3) else { return nil }
        return nearest.name
    }
}

extension UInt8 {
    /// Letters, digits and `_`: what names of variables are made of (POSIX, Environment Variables).
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// How many bytes have to be put in, taken out or replaced to make one text of the other (Levenshtein).
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let replaced = diagonal + (byte == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
