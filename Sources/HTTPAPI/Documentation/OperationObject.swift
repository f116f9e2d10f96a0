import Hummingbird
import JSON
import MailModel
import Web

/// An operation as OpenAPI describes it.
struct OperationObject: JSONWritable {
    let operation: Operation

    private var documentation: Documentation { operation.documentation }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("operationId", operationID)
            object.member("summary", documentation.summary)
            object.member("tags", OperationGroup.containing(operation).map { [$0.title] } ?? [])
            access(&object)
            parameters(&object)
            if let body = documentation.body { object.member("requestBody", body) }
            object.member("responses") { writer in
                writer.object { responses in
                    for answer in answers { responses.member(String(answer.status.code), answer) }
                }
            }
        }
    }

    private var segments: [Substring] { operation.path.split(separator: "/") }

    /// Such as `get_domains_name_outbound`; stable, because generated clients use it as a name.
    var operationID: String {
        ([Substring(operation.method.rawValue.lowercased())] + segments)
            .map { $0.filter { $0 != "{" && $0 != "}" }.map { $0 == "-" || $0 == "." ? "_" : String($0) }.joined() }
            .joined(separator: "_")
    }

    private func access(_ object: inout JSONWriter) {
        switch operation.access {
        case .open: object.member("security", [String]())
        case .action(let action):
            object.member("x-action", action.rawValue)
            if let scope = action.scope {
                object.member("x-required-scope", scope.rawValue)
            } else {
                object.member("x-required-role", "master")
            }
        case .metrics:
            object.member("x-action", Action.metricsRead.rawValue)
            object.member("x-required-role", "metrics")
        }
    }

    private func parameters(_ object: inout JSONWriter) {
        let path = segments.filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) }
        guard !path.isEmpty || !documentation.query.isEmpty || !documentation.headers.isEmpty else { return }
        object.member("parameters") { writer in
            writer.array { array in
                for name in path {
                    Documentation.Parameter(name: name, schema: .string, description: "", isRequired: true).write(in: "path", to: &array)
                }
                for parameter in documentation.query { parameter.write(in: "query", to: &array) }
                for parameter in documentation.headers { parameter.write(in: "header", to: &array) }
            }
        }
    }
}

extension Documentation.Parameter {
    /// - Parameter place: `path`, `query` or `header`.
    func write(in place: String, to writer: inout JSONWriter) {
        writer.object { object in
            object.member("name", name)
            object.member("in", place)
            object.member("required", isRequired)
            if !description.isEmpty { object.member("description", description) }
            object.member("schema", schema)
            if let example { object.member("example", Documentation.value(of: example)) }
        }
    }
}

extension Documentation.Body: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("required", isRequired)
            object.member("content") { Documentation.write([(contentType, schema)], example: example, to: &$0) }
        }
    }
}

extension Documentation.Answer: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("description", description)
            if isPage { object.member("headers", JSONValue.object(Self.link)) }
            if !content.isEmpty { object.member("content") { Documentation.write(content, to: &$0) } }
        }
    }
}

extension Documentation.Answer {
    /// The header of a page that leads to the next one.
    private static let link =
        Example(members: [
            (
                "Link",
                [
                    "description": "Where more follows: the next page, as `<…>; rel=\"next\"` (RFC 8288).", "required": false,
                    "schema": ["type": "string"],
                ]
            )
        ]).value.objectValue ?? JSONObject()
}

extension Documentation {
    /// The value that an example stands for: JSON, or else a text.
    fileprivate static func value(of example: String) -> JSONValue {
        (try? JSONValue.parse(example.utf8)) ?? .string(example)
    }

    /// Writes the content types of a body.
    fileprivate static func write(_ content: [(type: String, schema: Schema)], example: String? = nil, to writer: inout JSONWriter) {
        writer.object { types in
            for (type, schema) in content {
                types.member(type) { writer in
                    writer.object { object in
                        object.member("schema", schema)
                        if let example { object.member("example", value(of: example)) }
                    }
                }
            }
        }
    }
}

extension OperationObject {
    /// Every answer of the operation: those of its documentation, and the failures that follow from what it takes.
    var answers: [Documentation.Answer] { documentation.answers + failures }

    /// The failures that follow from the access, the body and the parameters.
    var failures: [Documentation.Answer] {
        var statuses: [(HTTPResponse.Status, String)] = []
        // The query of open operations is not read: load balancers and SNS may add any.
        let hasQuery = operation.access != .open
        if documentation.body != nil || hasQuery || operation.path.contains("{") {
            statuses.append((.badRequest, "The body, the path or the query is malformed."))
        }
        if documentation.body != nil {
            statuses += [(.contentTooLarge, "The body is too large."), (.unsupportedMediaType, "The body is of another type.")]
        }
        if documentation.body != nil || hasQuery {
            statuses.append((.unprocessableContent, "A value is wrong, or a parameter of the query unknown; the message names it."))
        }
        if operation.access != .open {
            statuses += [
                (.unauthorized, "No valid token."), (.forbidden, "The token may not do this."),
                (.tooManyRequests, "Too much, or too many failures: see Retry-After."),
            ]
            if operation.path.contains("{") || documentation.query.contains(where: { $0.name == Documentation.Parameter.userName.name }) {
                statuses.append((.notFound, "There is none, or it is another account's."))
            }
        }
        statuses.append((.serviceUnavailable, "Busy: see Retry-After."))
        let known = Set(documentation.answers.map(\.status.code))
        let error = operation.errors == .envelope ? Schema.envelopeError : .error
        return statuses.filter { !known.contains($0.0.code) }.sorted { $0.0.code < $1.0.code }.map { .json($0.0, $0.1, error) }
    }
}
