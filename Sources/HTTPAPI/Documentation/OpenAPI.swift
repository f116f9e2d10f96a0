import Hummingbird
import JSON

/// The description of the API for tools (OpenAPI 3.1), generated from the operations and the callbacks.
struct OpenAPI {
    /// The version of the API, not of the program.
    static let version = "1.0"

    let operations: [Operation]
    let callbacks: [CallbackDescription]

    /// The whole document.
    ///
    /// - Parameter base: the address of the server, without a slash at its end.
    func document(base: String) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 256 * 1024)
        writer.object { root in
            root.member("openapi", "3.1.0")
            root.member("info") { $0.object { info(&$0) } }
            root.member("servers") { $0.array { $0.object { $0.member("url", base) } } }
            root.member("tags") { $0.array { tags(&$0) } }
            root.member("security") { $0.array { $0.object { $0.member("bearer", [String]()) } } }
            root.member("paths") { $0.object { paths(&$0) } }
            root.member("webhooks") { $0.object { webhooks(&$0) } }
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

    private func webhooks(_ object: inout JSONWriter) {
        for callback in callbacks {
            object.member(callback.name) { $0.object { $0.member("post", callback) } }
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
            writer.object { for component in components { $0.member(component.name, component.schema) } }
        }
    }
}

extension OpenAPI {
    /// The components that the operations and the callbacks refer to, each once, in the order of their first use.
    var components: [Component] {
        var list = ComponentCollector()
        for operation in operations {
            if let body = operation.documentation.body { list.add(body.schema) }
            for answer in OperationObject(operation: operation).answers { answer.content.forEach { list.add($0.schema) } }
        }
        for callback in callbacks { list.add(callback.body.schema) }
        return list.components
    }
}

/// Collects the components that schemas refer to, also through each other.
private struct ComponentCollector {
    private(set) var components: [Component] = []
    private var names: Set<String> = []

    mutating func add(_ schema: Schema) {
        switch schema {
        case .reference(let component):
            guard names.insert(component.name).inserted else { return }
            components.append(component)
            add(component.schema)
        case .object(let properties), .fields(let properties): for property in properties { add(property.schema) }
        case .array(let schema), .map(let schema), .nullable(let schema): add(schema)
        case .either(let schemas): for schema in schemas { add(schema) }
        case .string, .formatted, .words, .integer, .number, .boolean: break
        }
    }
}
