import Hummingbird
import Web

/// The description of an operation in `/openapi.json` and `/docs`, besides its path and its access.
struct Documentation: Sendable {
    /// A query parameter, or a header.
    struct Parameter: Sendable {
        var name: String
        var schema: Schema
        var description: String
        var isRequired = false
        /// A realistic value; always given where the parameter is required.
        var example: String?
    }

    struct Body: Sendable {
        var schema: Schema
        var contentType = "application/json"
        var isRequired = true
        /// A realistic body that is valid as it is, in the content type.
        ///
        /// Without a `'`, because the curl line quotes it.
        var example: String?
    }

    struct Answer: Sendable {
        var status: HTTPResponse.Status
        var description: String
        /// The content types with their schemas; empty for an answer without a body.
        var content: [(type: String, schema: Schema)] = []
        /// Whether it is a page of an array, whose `Link` leads to the next one.
        var isPage = false
    }

    var summary: String
    var query: [Parameter] = []
    var headers: [Parameter] = []
    var body: Body?
    /// The success, and failures other than those that every such operation has.
    var answers: [Answer]

    init(
        _ summary: String, query: [Parameter] = [], headers: [Parameter] = [], body: Body? = nil, _ answers: Answer...
    ) {
        self.summary = summary
        self.query = query
        self.headers = headers
        self.body = body
        self.answers = answers
    }
}

extension Documentation.Body {
    static func json(_ schema: Schema, isRequired: Bool = true, example: String) -> Self {
        Self(schema: schema, isRequired: isRequired, example: example)
    }
}

extension Documentation.Answer {
    static func json(_ status: HTTPResponse.Status = .ok, _ description: String, _ schema: Schema) -> Self {
        Self(status: status, description: description, content: [("application/json", schema)])
    }

    /// A page of a list as a bare array.
    static func page(_ description: String, of schema: Schema) -> Self {
        Self(status: .ok, description: description, content: [("application/json", .array(schema))], isPage: true)
    }

    static func text(_ description: String, _ type: String = "text/plain") -> Self {
        Self(status: .ok, description: description, content: [(type, .string)])
    }

    /// A page for recipients who followed a link.
    static func page(_ status: HTTPResponse.Status, _ description: String) -> Self {
        Self(status: status, description: description, content: [("text/html", .string)])
    }

    static func empty(_ status: HTTPResponse.Status = .noContent, _ description: String) -> Self {
        Self(status: status, description: description)
    }
}

extension Documentation.Parameter {
    static let page: [Self] = [
        Self(name: "limit", schema: .integer(1...1000), description: "The most items to answer, 100 when not given."),
        Self(name: "after", schema: .string, description: "The id of the last item of the page before."),
    ]
}
