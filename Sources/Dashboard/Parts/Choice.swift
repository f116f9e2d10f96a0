/// One of the options of a list, `<select …>{{#choices}}{{>choice}}{{/choices}}</select>`.
struct Choice: Sendable {
    let value: String
    let text: String
    let isChosen: Bool

    init(value: String, text: String, isChosen: Bool) {
        self.value = value
        self.text = text
        self.isChosen = isChosen
    }
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
