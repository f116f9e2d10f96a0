import MailModel

/// Reads files of `NAME=value` lines, as systemd's `EnvironmentFile=` and Docker's `--env-file` do.
enum EnvironmentFile {
    /// Empty lines and those that begin with `#` are passed over; quotes around a value are taken off.
    static func variables(in text: String, name: String) throws(SettingsError) -> [String: String] {
        var variables: [String: String] = [:]
        var problems: [String] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                problems.append("\(name), line \(index + 1): expected NAME=value")
                continue
            }
            variables[line[..<equals].trimmed] = unquoted(line[line.index(after: equals)...].trimmed)
        }
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return variables
    }

    private static func unquoted(_ value: String) -> String {
        guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else { return value }
        return String(value.dropFirst().dropLast())
    }
}
