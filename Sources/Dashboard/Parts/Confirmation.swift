/// A form that asks before it does something, and for a reason where one is to be kept, `{{#suspend}}{{>confirm}}{{/suspend}}`.
///
/// It opens by a click, or the return key, and needs no script.
struct Confirmation: Sendable {
    struct Reason: Sendable {
        /// Of the field, once on the page.
        let id: String
        let label: String
        var isRequired = true
    }

    struct Hidden: Sendable {
        let name: String
        let value: String
    }

    /// What opens it.
    let title: String
    /// What is going to happen.
    let text: String
    let button: String
    /// Where it is sent to.
    let action: String
    var isDangerous = false
    /// Comes as the field `reason`.
    var reason: Reason?
    var hidden: [Hidden] = []
}
