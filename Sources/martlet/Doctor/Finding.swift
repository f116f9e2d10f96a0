import JSON
import Runtime

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

    init(_ result: MachineCheck.Result) {
        switch result.outcome {
        case .well(let sentence), .notice(let sentence): self.init(result.check, isWell: true, sentence)
        case .wrong(let sentence), .misconfigured(let sentence): self.init(result.check, isWell: false, sentence)
        }
    }

    var json: JSONObject { ["check": .string(check), "ok": .bool(isWell), "detail": .string(detail)] }
    var row: JSONObject { ["check": .string(check), "state": .string(isWell ? "ok" : "WRONG"), "detail": .string(detail)] }
}
