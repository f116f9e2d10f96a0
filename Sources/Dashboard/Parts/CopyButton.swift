/// A text with a button that copies it, `{{#value}}{{>copy}}{{/value}}`. Without script there is no button.
struct CopyButton: Sendable {
    let text: String
    /// What the button is told to copy: `the value of …`.
    let name: String
}
