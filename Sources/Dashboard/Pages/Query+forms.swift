import MailModel
import Web

extension Query {
    /// What was typed, without white space around it; `nil` for nothing.
    func text(_ name: String) -> String? {
        guard let text = self[name]?.trimmed, !text.isEmpty else { return nil }
        return text
    }
}

extension DashboardRequest {
    /// What was typed into a field of the form.
    func text(_ name: String) -> String? {
        form.text(name)
    }

    /// A whole number, also as people write it: `10,000`.
    func count(_ name: String) throws(APIError) -> Int64? {
        guard let text = text(name) else { return nil }
        guard let number = Int64(text.filter { !", '_".contains($0) }) else {
            throw .invalid(name, "expected a whole number, 0 is no limit")
        }
        return number
    }
}

extension Optional {
    func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
