/// Everything that is wrong with the configuration, so that it can be put right in one go.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// A sentence each, with the setting's name and what was expected. Never a secret's value.
    package var problems: [String]

    package init(problems: [String]) {
        self.problems = problems
    }

    package var description: String {
        problems.map { "  " + $0 }.joined(separator: "\n")
    }
}
