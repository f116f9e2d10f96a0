import MailModel

/// Collects the refusals of the fields of a request, so that one answer names every faulty field.
struct FieldChecks {
    private var refusal: Refusal?

    /// Returns a checked value; `nil` where it is refused.
    mutating func value<Value>(_ check: () throws(Refusal) -> Value) -> Value? {
        do throws(Refusal) {
            return try check()
        } catch {
            add(error)
            return nil
        }
    }

    /// Runs a check.
    mutating func check(_ check: () throws(Refusal) -> Void) {
        _ = value(check)
    }

    /// Adds a refusal.
    ///
    /// The first one decides how the request is answered.
    mutating func add(_ other: Refusal) {
        if refusal == nil { refusal = other } else { refusal?.furtherFaults += other.faults }
    }

    /// - Throws: one refusal with all faults, where there was one.
    func finish() throws(Refusal) {
        if let refusal { throw refusal }
    }

    /// Returns values that were all checked.
    ///
    /// - Throws: as ``finish()``.
    func finish<First, Second, Third>(
        _ first: First?, _ second: Second?, _ third: Third?
    ) throws(Refusal) -> (First, Second, Third) {
        try finish()
        // Without a refusal each of them has a value.
        guard let first, let second, let third else { throw Refusal(.unavailable, code: .internalError, "Internal server error") }
        return (first, second, third)
    }
}
