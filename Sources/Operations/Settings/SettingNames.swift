/// Tells names of settings from misspelt ones: a setting with a typing error must not be passed over in silence.
struct SettingNames {
    private let variables: [String]
    private let keys: [String]

    init(known: [SettingDescription]) {
        variables = known.map(\.variable)
        keys = known.map(\.key)
    }

    func problems(in names: [String]) -> [String] {
        names.compactMap { name in
            if keys.contains(name) || variables.contains(name) || Self.isForeign(name) { return nil }
            return "\(name) is no setting" + (suggestion(for: name).map { ": did you mean \($0)?" } ?? "")
        }
    }

    /// Variables that begin like ours and are not for the server: those of the client commands and of the build, and those that Kubernetes
    /// sets for a service by the name of `martlet`.
    private static func isForeign(_ name: String) -> Bool {
        ["MARTLET_URL", "MARTLET_TOKEN", "MARTLET_WARNINGS_AS_ERRORS", "MARTLET_PORT"].contains(name)
            || name.hasPrefix("MARTLET_SERVICE_") || name.hasPrefix("MARTLET_PORT_")
    }

    /// The known name that is the fewest changes away, if that is not too many.
    private func suggestion(for name: String) -> String? {
        let known = name.hasPrefix("MARTLET_") ? variables : keys
        let distances = known.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= max(3, name.count / 3) else { return nil }
        return nearest.name
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
