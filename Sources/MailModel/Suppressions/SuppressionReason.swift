/// Why an address must not be mailed again (contract section 9, `/suppressions`).
public enum SuppressionReason: String, Sendable, CaseIterable {
    case hardBounce = "hard_bounce"
    case complaint
    case unsubscribe
    case manual
    /// So many soft bounces in a row that nobody seems to be there (`recipients.softBounceLimit`). Gives way to any other reason, and to a delivery.
    case softBounce = "soft_bounce"
}
