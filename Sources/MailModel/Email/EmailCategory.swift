/// What an email is for, in the eyes of the law and of mailbox providers.
package enum EmailCategory: String, Sendable, CaseIterable {
    /// Part of something that its recipient began: a receipt, a password reset, a warning. It needs no way out, and who has unsubscribed from
    /// the newsletter still gets it.
    case transactional
    /// Sent because its sender wants to. It always says how to unsubscribe.
    case marketing
}
