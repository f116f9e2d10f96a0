/// Asks the operator whose data to look at, where it lies by account, `{{#chooser}}{{>chooser}}{{/chooser}}`.
struct AccountChooser: Sendable {
    /// The page that is looked at.
    let action: String
    let hint: String

    /// - Returns: `nil` where the visit is about one account already.
    init?(_ visit: DashboardRequest, _ action: String, hint: String) {
        guard visit.account == nil else { return nil }
        self.action = action
        self.hint = hint
    }
}
