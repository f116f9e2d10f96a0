/// One of the options of a list, `{{#choices}}{{>choice}}{{/choices}}`.
struct Choice: Sendable {
    let value: String
    let text: String
    let isChosen: Bool
}

extension Choice {
    /// All words of a kind behind one that stands for any.
    static func all<Word: RawRepresentable<String> & CaseIterable & Equatable>(
        or any: String, chosen: Word?, _ text: (Word) -> String
    ) -> [Choice] {
        [Choice(value: "", text: any, isChosen: chosen == nil)]
            + Word.allCases.map { Choice(value: $0.rawValue, text: text($0), isChosen: $0 == chosen) }
    }
}
