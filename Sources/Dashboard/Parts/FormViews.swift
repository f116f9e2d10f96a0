/// An option of a list, `<select …>{{#choices}}{{>choice}}{{/choices}}</select>`.
struct Choice: Sendable {
    let value: String
    let text: String
    let isChosen: Bool
}

extension Choice {
    /// An option for each value of an enumeration, behind one that stands for any.
    static func all<Word: RawRepresentable<String> & CaseIterable & Equatable>(
        or any: String, chosen: Word?, _ text: (Word) -> String
    ) -> [Choice] {
        [Choice(value: "", text: any, isChosen: chosen == nil)]
            + Word.allCases.map { Choice(value: $0.rawValue, text: text($0), isChosen: $0 == chosen) }
    }
}

/// A form that asks for confirmation, and for a reason where one is stored, `{{#suspend}}{{>confirm}}{{/suspend}}`.
///
/// It is opened by a click or the return key, and needs no script.
struct Confirmation: Sendable {
    /// The field for a reason.
    struct Reason: Sendable {
        /// The id of the field, unique on the page.
        let id: String
        let label: String
        var isRequired = true
    }

    struct Hidden: Sendable {
        let name: String
        let value: String
    }

    /// The text that opens the form.
    let title: String
    /// What is going to happen.
    let text: String
    let button: String
    /// The path that the form is sent to.
    let action: String
    var isDangerous = false
    /// Sent as the field `reason`.
    var reason: Reason?
    var hidden: [Hidden] = []
}

/// A form in which the operator chooses an account, on pages whose data belong to one, `{{#chooser}}{{>chooser}}{{/chooser}}`.
struct AccountChooser: Sendable {
    /// The path of the page.
    let action: String
    let hint: String

    /// - Returns: `nil` where the request is about one account already.
    init?(_ request: DashboardRequest, _ action: String, hint: String) {
        guard request.account == nil else { return nil }
        self.action = action
        self.hint = hint
    }
}
