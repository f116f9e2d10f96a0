/// A word in a coloured field, `{{#…}}{{>badge}}{{/…}}`.
struct Badge: Sendable {
    let text: String
    /// A ``Tone``'s word, for the style.
    let tone: String

    init(_ text: String, _ tone: Tone) {
        self.text = text
        self.tone = tone.rawValue
    }
}
