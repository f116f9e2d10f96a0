import ArgumentParser
import Runtime

/// A word of the command line that stands in the place of a command and is none.
struct UnknownCommand {
    /// The largest edit distance of a suggestion.
    private static let tolerance = 2

    private let word: String
    /// The commands before it, beginning with the program.
    private let path: [String]
    private let suggestion: String?

    /// Looks for such a word.
    ///
    /// - Returns: `nil` where all words in the place of a command are commands.
    init?(in arguments: [String], of root: any ParsableCommand.Type) {
        var command = root
        var path = [root._commandName]
        for word in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = known.first(where: { $0._commandName == word }) else {
                self.word = word
                self.path = path
                suggestion = Spelling.nearest(to: word, among: known.map { $0._commandName }, within: Self.tolerance)
                return
            }
            command = next
            path.append(word)
        }
        return nil
    }

    /// What is wrong, in one line, with the command that was probably meant.
    var explanation: String {
        let command = path.joined(separator: " ")
        let question = suggestion.map { ": did you mean `\(command) \($0)`?" } ?? "."
        return "\(word) is no command\(question) See `\(command) --help`."
    }
}
