/// Why an address must not be mailed again (contract section 9, `/suppressions`).
public enum SuppressionReason: String, Sendable, CaseIterable {
    case hardBounce = "hard_bounce"
    case complaint
    case unsubscribe
    case manual
}
