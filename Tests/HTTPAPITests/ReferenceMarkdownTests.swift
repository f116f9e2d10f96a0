import Hummingbird
import TestSupport
import Testing

@testable import HTTPAPI

/// The reference for tools that read texts has what `/docs` has.
@Suite(.timeLimit(.minutes(1)))
struct ReferenceMarkdownTests {
    @Test func everyOperationAndObjectIsInIt() async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/docs.md", token: "")
            #expect(answer.headers[.contentType] == "text/markdown; charset=utf-8")
            for operation in api.api.operations {
                #expect(answer.text.contains("\n### \(operation.method.rawValue) \(operation.path)\n"))
            }
            for component in OpenAPI(operations: api.api.operations, callbacks: CallbackDescription.all).components {
                #expect(answer.text.contains("\n### \(component.name)\n"))
                for property in component.schema.properties {
                    #expect(answer.text.contains("- `\(property.name)` (") && answer.text.contains(property.description))
                }
            }
            #expect(!answer.text.contains("\u{E000}") && !answer.text.contains("<code>"))
        }
    }

    @Test func theIndexNamesEveryOperationAndTheAddress() async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/llms.txt", token: "")
            #expect(answer.text.hasPrefix("# Martlet\n\n> "))
            for operation in api.api.operations { #expect(answer.text.contains("- `\(operation.method.rawValue) \(operation.path)`: ")) }
            for link in answer.text.matches(of: /\]\((http[^)]*)\)/).map({ String($0.1) }) {
                let path = try #require(link.firstMatch(of: /https?:\/\/[^\/]+(\/.*)/)).1
                #expect(try await api.send(.get, String(path), token: "").status == 200)
            }
        }
    }

    @Test func membersInsideAreIndented() {
        let schema = Schema.object([
            .init("first", .array(.string), "The `one`.", example: ["a", "b"]),
            .optional("second", .object([.init("third", .count, "How many.", example: 3)]), "The second one."),
        ])
        #expect(
            SchemaMarkdown.members(of: schema) == """
                - `first` (array of string): The `one`. Example: `["a","b"]`
                - `second` (object, optional): The second one.
                  - `third` (integer from 0): How many. Example: `3`

                """)
    }
}
