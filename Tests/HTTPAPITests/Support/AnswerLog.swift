import Hummingbird
import JSON
import Synchronization

@testable import HTTPAPI

/// Compares the answers of a test with the description of the API, and records which operations succeeded.
final class AnswerLog: Sendable {
    private let operations: [Operation]
    private let succeeded = Mutex<Set<String>>([])

    /// The description is the same for every harness, and is not made again for each.
    private static let described = Mutex<[Operation]?>(nil)

    init(_ api: APIRoutes) {
        operations = Self.described.withLock { described in
            let operations = described ?? api.operations
            described = operations
            return operations
        }
    }

    /// The operations without a successful answer.
    var missing: [String] {
        let succeeded = succeeded.withLock { $0 }
        return operations.map(Self.name).filter { !succeeded.contains($0) }
    }

    /// Returns how the answer differs from the description; empty for what is no operation.
    func faults(of answer: Answer, to method: HTTPRequest.Method, _ uri: String) -> [String] {
        guard let operation = operation(method, uri) else { return [] }
        if (200...299).contains(answer.status) { succeeded.withLock { _ = $0.insert(Self.name(operation)) } }
        let described = OperationObject(operation: operation).answers.filter { $0.status.code == answer.status }
        guard !described.isEmpty else { return answer.status < 500 ? ["\(answer.status) is not described"] : [] }
        return described.map { faults(of: answer, $0) }.min { $0.count < $1.count } ?? []
    }

    private func faults(of answer: Answer, _ described: Documentation.Answer) -> [String] {
        guard !described.content.isEmpty else { return answer.text.isEmpty ? [] : ["a body is not described"] }
        let type = answer.headers[.contentType].map { String($0.prefix { $0 != ";" }) } ?? ""
        guard let schema = described.content.first(where: { $0.type == type })?.schema else { return ["\(type) is not described"] }
        guard type == "application/json" else { return [] }
        guard let value = answer.json else { return ["no JSON"] }
        return SchemaValidator.faults(of: value, against: schema)
    }

    private func operation(_ method: HTTPRequest.Method, _ uri: String) -> Operation? {
        let path = uri.prefix { $0 != "?" }.split(separator: "/")
        let found = operations.filter { operation in
            let pattern = operation.path.split(separator: "/")
            return pattern.count == path.count && zip(pattern, path).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        // As for the router, a path without parameters takes precedence, whatever its methods are.
        let fewest = found.map { $0.path.count { $0 == "{" } }.min()
        return found.first { $0.method == method && $0.path.count { $0 == "{" } == fewest }
    }

    private static func name(_ operation: Operation) -> String {
        "\(operation.method.rawValue) \(operation.path)"
    }
}
