package import Hummingbird
package import JSON
package import NIOCore

/// A request on its way through a handler, with what handlers ask of it.
package struct APIRequest: Sendable {
    package let request: Request
    package let context: APIContext
    package let query: Query

    package init(request: Request, context: APIContext, query: Query) {
        self.request = request
        self.context = context
        self.query = query
    }

    /// A part of the path, decoded.
    package func parameter(_ name: String) throws(APIError) -> String {
        guard let raw = context.parameters[name[...]], let text = PercentEncoding.decode(raw), !text.isEmpty else {
            throw APIError(.badRequest, "The path is not valid percent-encoded UTF-8")
        }
        return text
    }

    /// A numeric id in the path; what is no number is an id that nothing has.
    package func id(of what: String) throws(APIError) -> Int64 {
        guard let id = Int64(try parameter("id")), id > 0 else { throw .notFound(what) }
        return id
    }

    /// Whether the caller asks for CSV: by `?format=csv`, or else by `Accept: text/csv`.
    package func wantsCSV() throws(APIError) -> Bool {
        switch query["format"] {
        case "csv"?: return true
        case "json"?: return false
        case nil: return request.headers[.accept]?.lowercased().hasPrefix("text/csv") ?? false
        default: throw .invalid("format", "expected json or csv")
        }
    }
}

extension APIRequest {
    /// The most bytes that a body of small settings may have.
    package static let smallBody = 64 * 1024

    /// The members of the body, which has to be a JSON object.
    package func fields(upTo limit: Int = smallBody, nullIsAbsent: Bool = false) async throws -> Fields {
        guard let object = try object(in: try await body(upTo: limit)) else {
            throw APIError(.badRequest, "The body is empty, expected a JSON object")
        }
        return Fields(object, nullIsAbsent: nullIsAbsent)
    }

    /// The members of the body, where it may be left out.
    package func optionalFields(upTo limit: Int = smallBody) async throws -> Fields? {
        try object(in: try await body(upTo: limit)).map { Fields($0) }
    }

    /// Reads a JSON object; `nil` for no bytes at all.
    package func object(in body: ByteBuffer) throws(APIError) -> JSONObject? {
        guard body.readableBytes > 0 else { return nil }
        // The other type is what curl's `-d` says when it is told nothing; a form itself would not read as JSON.
        try checkContentType("application/json", or: "application/x-www-form-urlencoded")
        let value: JSONValue
        do {
            value = try JSONValue.parse(body.readableBytesView)
        } catch {
            throw APIError(.badRequest, "The body is not valid JSON: \(error)")
        }
        guard let object = value.objectValue else {
            throw APIError(.unprocessableContent, "The body: expected a JSON object, found \(value.kind)")
        }
        return object
    }

    /// Refuses a body that says to be of another type. One that says nothing is taken at our word.
    package func checkContentType(_ expected: String, or other: String? = nil) throws(APIError) {
        guard let header = request.headers[.contentType], header != expected else { return }
        let type = header.prefix { $0 != ";" }.lowercased().split(separator: " ").joined()
        guard type == expected || type == other else {
            throw APIError(.unsupportedMediaType, "Content-Type must be \(expected), found \(Fields.shown(header))")
        }
    }
}
