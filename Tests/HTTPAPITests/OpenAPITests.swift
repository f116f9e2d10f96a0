import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct OpenAPITests {
    /// The described operations are exactly the routes.
    @Test func everyRouteIsDescribed() async throws {
        try await withAPI { api in
            let document = try await api.send(.get, "/openapi.json", token: "").object
            let described = (document["paths"]?.objectValue ?? JSONObject()).flatMap { path in
                (path.value.objectValue ?? JSONObject()).names.map { "\($0.uppercased()) \(path.name)" }
            }
            // Assets are not operations.
            let routed = api.router.routes.map { "\($0.method.rawValue) \($0.path.description)" }.filter { !$0.contains(" /assets/") }
            #expect(described.sorted() == routed.sorted())
            #expect(!routed.isEmpty)
        }
    }

    @Test func accessIsDescribed() async throws {
        try await withAPI { api in
            let paths = try await api.send(.get, "/openapi.json", token: "").object["paths"]?.objectValue ?? JSONObject()
            for operation in api.api.operations {
                let described = paths[operation.path]?.objectValue?[operation.method.rawValue.lowercased()]?.objectValue ?? JSONObject()
                #expect((described["x-required-role"]?.stringValue == "master") == (operation.access == .master))
                #expect((described["security"]?.arrayValue == []) == (operation.access == .open))
                #expect((described["responses"]?.objectValue?["401"] != nil) == (operation.access != .open))
                #expect(described["summary"]?.stringValue?.isEmpty == false)
            }
        }
    }

    /// Every reference has a schema, and every schema is used.
    @Test func references() async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/openapi.json", token: "")
            let prefix = "#/components/schemas/"
            let used = Set(answer.text.split(separator: "\"").filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
            let declared = answer.object["components"]?.objectValue?["schemas"]?.objectValue?.names ?? []
            #expect(used.subtracting(declared).isEmpty)
            #expect(Set(declared).subtracting(used).isEmpty)
            let ids = answer.text.split(separator: "\"operationId\":\"").dropFirst().map { $0.prefix { $0 != "\"" } }
            #expect(Set(ids).count == ids.count)
        }
    }
}
