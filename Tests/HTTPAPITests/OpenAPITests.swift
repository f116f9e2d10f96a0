import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing
import Web

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
                let action = operation.action
                #expect(described["x-action"]?.stringValue == action?.rawValue)
                #expect(described["x-required-scope"]?.stringValue == action?.scope?.rawValue)
                let role = operation.access == .metrics ? "metrics" : action != nil && action?.scope == nil ? "master" : nil
                #expect(described["x-required-role"]?.stringValue == role)
                #expect((described["security"]?.arrayValue == []) == (operation.access == .open))
                #expect((described["responses"]?.objectValue?["401"] != nil) == (operation.access != .open))
                #expect(described["summary"]?.stringValue?.isEmpty == false)
            }
        }
    }

    /// The form of an error is that of the other answers of its operation.
    @Test func formsOfErrors() async throws {
        try await withAPI { api in
            for operation in api.api.operations where operation.access != .open {
                let answers = operation.documentation.answers
                let bodies = answers.filter { $0.status.code < 400 }.flatMap { $0.content.filter { $0.type == "application/json" } }
                let envelopes = bodies.filter { $0.schema.properties.map(\.name).contains("meta") }
                #expect(envelopes.isEmpty || envelopes.count == bodies.count, "\(operation.method) \(operation.path)")
                if !bodies.isEmpty {
                    #expect((operation.errors == .envelope) == !envelopes.isEmpty, "\(operation.method) \(operation.path)")
                }
                let form = operation.errors == .envelope ? Component.envelopeError.name : Component.error.name
                let errors = OperationObject(operation: operation).answers.filter { $0.status.code >= 400 }.flatMap(\.content)
                for error in errors where error.type == "application/json" {
                    #expect(error.schema.components.map(\.name).contains(form), "\(operation.method) \(operation.path)")
                }
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

    private func components(_ api: APIHarness) -> [Component] {
        OpenAPI(operations: api.api.operations, callbacks: CallbackDescription.all).components
    }

    @Test func everyPropertyHasASentenceAndAnExample() async throws {
        try await withAPI { api in
            let document = try await api.send(.get, "/openapi.json", token: "").object
            let schemas = document["components"]?.objectValue?["schemas"]?.objectValue ?? JSONObject()
            let properties = schemas.flatMap { Self.properties(of: $0.value, at: $0.name) }
            #expect(properties.count > 300)
            for (path, property) in properties {
                let description = property["description"]?.stringValue ?? ""
                #expect(description.hasSuffix(".") && description.count > 10, "\(path): \(description)")
                #expect(property["example"] != nil, "\(path)")
            }
        }
    }

    /// The properties of a schema in JSON, also of those inside, with their paths.
    private static func properties(of schema: JSONValue, at path: String) -> [(path: String, property: JSONObject)] {
        guard let object = schema.objectValue else {
            return schema.arrayValue?.flatMap { properties(of: $0, at: path) } ?? []
        }
        let own = (object["properties"]?.objectValue ?? JSONObject()).flatMap { member in
            let path = "\(path).\(member.name)"
            return [(path: path, property: member.value.objectValue ?? JSONObject())] + properties(of: member.value, at: path)
        }
        return own + ["items", "additionalProperties", "anyOf"].flatMap { object[$0].map { properties(of: $0, at: path) } ?? [] }
    }

    @Test func examplesFitTheirSchemas() async throws {
        try await withAPI { api in
            for component in components(api) {
                for property in component.schema.properties {
                    guard let example = property.example else { continue }
                    #expect(
                        SchemaValidator.faults(of: example.value, against: property.schema) == [], "\(component.name).\(property.name)")
                }
            }
        }
    }

    /// A name means one schema, wherever it is referred to.
    @Test func namesOfComponents() async throws {
        try await withAPI { api in
            let schemas = api.api.operations.flatMap { operation in
                (operation.documentation.body.map { [$0.schema] } ?? [])
                    + OperationObject(operation: operation).answers.flatMap { $0.content.map(\.schema) }
            }
            for (name, components) in Dictionary(grouping: schemas.flatMap(\.components), by: \.name) {
                #expect(Set(components.map { Self.text(of: $0.schema) }).count == 1, "\(name)")
            }
        }
    }

    private static func text(of schema: Schema) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.value(schema)
        return writer.bytes
    }

    @Test func theServerIsThePublicAddress() async throws {
        try await withAPI { api in
            let servers = try await api.send(.get, "/openapi.json", token: "").object["servers"]?.arrayValue
            let url = servers?.first?.objectValue?["url"]?.stringValue ?? ""
            #expect(servers?.count == 1 && url.hasPrefix("http://"))
            #expect(try await api.send(.get, "/docs", token: "").text.contains("curl \(url)/healthz"))
        }
    }

    @Test func callbacksAreDescribed() async throws {
        try await withAPI { api in
            let webhooks = try await api.send(.get, "/openapi.json", token: "").object["webhooks"]?.objectValue ?? JSONObject()
            #expect(webhooks.names == ["email", "account"])
            for webhook in webhooks {
                let operation = webhook.value.objectValue?["post"]?.objectValue
                let headers = operation?["parameters"]?.arrayValue?.compactMap { $0.objectValue?["name"]?.stringValue }
                #expect(headers == ["webhook-id", "webhook-timestamp", "webhook-signature"])
                #expect(operation?["requestBody"]?.objectValue?["content"]?.objectValue?.names == ["application/json"])
            }
        }
    }
}
