import Hummingbird
import JSON
import TestSupport
import Testing

@testable import MartletClient

/// The types of the Swift client are those of `/openapi.json`: it decodes an answer that has no more than what is required.
@Suite(.timeLimit(.minutes(1)))
struct ClientTypesTests {
    /// A type of the client: the schema with its name, its coding keys, and whether it can be decoded from a JSON text.
    private struct Described {
        var schema: String
        var keys: [String]
        /// `nil` for what is only sent.
        var decode: (@Sendable ([UInt8]) throws -> Void)?

        init<Keys: CaseIterable & RawRepresentable<String>>(_ schema: String, _: Keys.Type) {
            self.schema = schema
            keys = Keys.allCases.map(\.rawValue)
        }

        init<Keys: CaseIterable & RawRepresentable<String>, Value: Decodable & SendableMetatype>(
            _ schema: String, _ keys: Keys.Type, _ type: Value.Type
        ) {
            self.init(schema, keys)
            decode = { _ = try ClientCoding.decode(type, from: $0) }
        }
    }

    private static let described = [
        Described("NewEmail", NewEmail.CodingKeys.self), Described("NewAttachment", NewEmail.Attachment.CodingKeys.self),
        Described("NewDomain", NewDomain.CodingKeys.self), Described("NewSuppression", NewSuppression.CodingKeys.self),
        Described("Email", AcceptedEmail.CodingKeys.self, AcceptedEmail.self),
        Described("EmailSummary", EmailSummary.CodingKeys.self, EmailSummary.self),
        Described("EmailWithTimeline", EmailWithTimeline.CodingKeys.self, EmailWithTimeline.self),
        Described("TimelineEntry", TimelineEntry.CodingKeys.self, TimelineEntry.self),
        Described("Domain", Domain.CodingKeys.self, Domain.self), Described("Outbound", Outbound.CodingKeys.self, Outbound.self),
        Described("Suppression", Suppression.CodingKeys.self, Suppression.self),
        Described("FieldError", ServerRefusal.FieldError.CodingKeys.self, ServerRefusal.FieldError.self),
        Described("EmailCallback", EmailCallback.CodingKeys.self, EmailCallback.self),
    ]

    @Test func typesAreAsDescribed() async throws {
        try await withAPI { api in
            let document = try await api.send(.get, "/openapi.json", token: "").object
            let schemas = try #require(document["components"]?.objectValue?["schemas"]?.objectValue)
            for type in Self.described {
                let schema = try #require(schemas[type.schema]?.objectValue, "\(type.schema)")
                let properties = try #require(schema["properties"]?.objectValue)
                let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
                #expect(Set(type.keys).subtracting(properties.names) == [], "\(type.schema) has no such members")
                if let decode = type.decode {
                    #expect(throws: Never.self, "\(type.schema)") { try decode(Self.leastAnswer(properties, required)) }
                } else {
                    #expect(Set(required).subtracting(type.keys) == [], "\(type.schema) lacks what is required")
                }
            }
        }
    }

    /// An answer with the required members alone, `null` where that is allowed, else with their examples.
    private static func leastAnswer(_ properties: JSONObject, _ required: [String]) -> [UInt8] {
        var answer = JSONObject()
        for name in required {
            let property = properties[name]?.objectValue
            let isNullable = property?["anyOf"]?.arrayValue?.contains { $0.objectValue?["type"]?.stringValue == "null" } ?? false
            answer[name] = isNullable ? .null : property?["example"] ?? .null
        }
        return JSONValue.object(answer).serialized
    }
}
