import MailModel
import Web

extension Query {
    /// Returns the text of a field without white space around it; `nil` where it is empty.
    func text(_ name: String) -> String? {
        guard let text = self[name]?.trimmed, !text.isEmpty else { return nil }
        return text
    }
}

extension DashboardRequest {
    /// Returns the text of a field of the form; `nil` where it is empty.
    func text(_ name: String) -> String? {
        form.text(name)
    }

    /// Returns the whole number in a field of the form, also with separators: `10,000`; `nil` where it is empty.
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
