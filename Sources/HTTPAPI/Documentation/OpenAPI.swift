import Hummingbird
import JSON

/// The description of the API for tools (OpenAPI 3.1), generated from the operations.
struct OpenAPI {
    /// The version of the API, not of the program.
    static let version = "1.0"

    let operations: [Operation]
    let schemas: [(name: String, schema: Schema)]

    var document: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 64 * 1024)
        writer.object { root in
            root.member("openapi", "3.1.0")
            root.member("info") { $0.object { info(&$0) } }
            root.member("tags") { $0.array { tags(&$0) } }
            root.member("security") { $0.array { $0.object { $0.member("bearer", [String]()) } } }
            root.member("paths") { $0.object { paths(&$0) } }
            root.member("components") { $0.object { components(&$0) } }
        }
        return writer.bytes
    }

    private func info(_ object: inout JSONWriter) {
        object.member("title", "Martlet")
        object.member("version", Self.version)
        object.member("description", "Self-hosted outbound email on Amazon SES: domains and their outbound control, sending, feedback.")
    }

    private func tags(_ writer: inout JSONWriter) {
        for group in OperationGroup.all where operations.contains(where: group.contains) {
            writer.object {
                $0.member("name", group.title)
                $0.member("description", group.introduction)
            }
        }
    }

    private func paths(_ object: inout JSONWriter) {
        var written: Set<String> = []
        for operation in operations where written.insert(operation.path).inserted {
            object.member(operation.path) { writer in
                writer.object { item in
                    for method in operations where method.path == operation.path {
                        item.member(method.method.rawValue.lowercased(), OperationObject(operation: method))
                    }
                }
            }
        }
    }

    private func components(_ object: inout JSONWriter) {
        object.member("securitySchemes") { writer in
            writer.object { schemes in
                schemes.member("bearer") { writer in
                    writer.object {
                        $0.member("type", "http")
                        $0.member("scheme", "bearer")
                        $0.member("description", "The master token, or a client key of an account.")
                    }
                }
            }
        }
        object.member("schemas") { writer in
            writer.object { for (name, schema) in schemas + Self.errors { $0.member(name, schema) } }
        }
    }

    static let errors: [(name: String, schema: Schema)] = [
        ("Error", .object([.init("detail", .string)])),
        (
            "EnvelopeError",
            .object([
                .init("meta", .object([.init("timestamp", .integer), .init("transactionId", .string), .init("explain", .string)])),
                .init("data", .object([.optional("status", .string)])),
            ])
        ),
    ]
}
