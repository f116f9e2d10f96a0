/// What is done about recipients that look wrong, though their addresses are well-formed.
package enum RecipientCheck: String, Sendable, CaseIterable {
    /// Nothing; it is not even looked at.
    case off
    /// The email is accepted, and its sender told.
    case warn
    /// The email is refused as `BAD_TO`.
    case refuse
}
