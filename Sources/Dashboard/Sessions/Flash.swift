/// A word about what was done, said once on the page that follows.
struct Flash: Sendable, Equatable {
    let tone: Tone
    let text: String
    /// A tone is told by its colour and by a word for those who do not see it. Stored, since a template sees nothing else.
    let label: String

    init(tone: Tone, text: String) {
        self.tone = tone
        self.text = text
        label = tone == .good ? "Done" : "Note"
    }
}

/// How something is meant, for colours.
enum Tone: String, Sendable {
    case good, warning, bad, neutral
}
