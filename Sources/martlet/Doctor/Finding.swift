import JSON

/// What one check of `martlet doctor` came to.
struct Finding: Sendable {
    let check: String
    let isWell: Bool
    /// A sentence for people: what was seen, and what to do when it is wrong.
    let detail: String

    init(_ check: String, isWell: Bool, _ detail: String) {
        self.check = check
        self.isWell = isWell
        self.detail = detail
    }

    var json: JSONObject { ["check": .string(check), "ok": .bool(isWell), "detail": .string(detail)] }
    var row: JSONObject { ["check": .string(check), "state": .string(isWell ? "ok" : "WRONG"), "detail": .string(detail)] }
}
