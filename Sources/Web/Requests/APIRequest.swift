import Encoding
package import Hummingbird
package import JSON
package import NIOCore

/// A request to a handler, with access to its parameters and its body.
package struct APIRequest: Sendable {
    /// The request as it came.
    package let httpRequest: Request
    /// Its context.
    package let context: APIContext
    /// The parameters of its query.
    package let query: Query

    /// - Parameter query: the parameters of the query, checked against those that the operation knows.
    package init(_ httpRequest: Request, context: APIContext, query: Query) {
        self.httpRequest = httpRequest
        self.context = context
        self.query = query
    }

    /// The header fields.
    package var headers: HTTPFields { httpRequest.headers }

    /// Returns a parameter of the path, decoded.
    ///
    /// - Throws: ``APIError`` 400 for invalid percent-encoding.
    package func parameter(_ name: String) throws(APIError) -> String {
        guard let raw = context.parameters[name[...]], let text = PercentEncoding.decode(raw), !text.isEmpty else {
            throw APIError(.badRequest, "The path is not valid percent-encoded UTF-8")
        }
        return text
    }

    /// Returns the numeric id in the path.
    ///
    /// - Throws: ``APIError`` 404 for a text that is not a number.
    package func id(of what: String) throws(APIError) -> Int64 {
        guard let id = Int64(try parameter("id")), id > 0 else { throw .notFound(what) }
        return id
    }

    /// Whether the caller asks for CSV: by `?format=csv`, or else by `Accept: text/csv`.
    package func wantsCSV() throws(APIError) -> Bool {
        switch query["format"] {
        case "csv"?: return true
        case "json"?: return false
        case nil: return headers[.accept]?.lowercased().hasPrefix("text/csv") ?? false
        default: throw .invalid("format", "expected json or csv")
        }
    }
}

extension APIRequest {
    /// The default limit of a body, in bytes.
    package static let smallBody = 64 * 1024

    /// Reads the body, which has to be a JSON object.
    ///
    /// - Parameter nullIsAbsent: whether `null` counts as a field that is not given.
    package func fields(upTo limit: Int = smallBody, nullIsAbsent: Bool = false) async throws -> Fields {
        guard let object = try object(in: try await body(upTo: limit)) else {
            throw APIError(.badRequest, "The body is empty, expected a JSON object")
        }
        return Fields(object, nullIsAbsent: nullIsAbsent)
    }

    /// Reads the body, which has to be a JSON object; `nil` where there is none.
    package func optionalFields(upTo limit: Int = smallBody) async throws -> Fields? {
        try object(in: try await body(upTo: limit)).map { Fields($0) }
    }

    /// Reads the body, which has to be a JSON array of at most `limit` elements.
    package func array(upTo limit: Int) async throws -> [JSONValue] {
        let body = try await body(upTo: Self.smallBody)
        guard body.readableBytes > 0 else { throw APIError(.badRequest, "The body is empty, expected a JSON array") }
        let value = try value(in: body)
        guard let elements = value.arrayValue else {
            throw APIError(.unprocessableContent, "The body: expected a JSON array, found \(value.kind)")
        }
        guard elements.count <= limit else {
            throw APIError(.unprocessableContent, "The body: expected at most \(limit) elements, found \(elements.count)")
        }
        return elements
    }

    /// Parses a JSON object; `nil` for an empty body.
    ///
    /// Its values take about as much memory as its text, once more.
    package func object(in body: ByteBuffer) throws(APIError) -> JSONObject? {
        guard body.readableBytes > 0 else { return nil }
        let value = try value(in: body)
        guard let object = value.objectValue else {
            throw APIError(.unprocessableContent, "The body: expected a JSON object, found \(value.kind)")
        }
        return object
    }

    private func value(in body: ByteBuffer) throws(APIError) -> JSONValue {
        // The other type is the default of curl's `-d`; a form itself would not parse as JSON.
        try checkContentType("application/json", or: "application/x-www-form-urlencoded")
        guard context.reserve(body.readableBytes) else { throw refuseWithoutMemory() }
        do {
            return try JSONValue.parse(body.readableBytesView)
        } catch {
            throw APIError(.badRequest, "The body is not valid JSON: \(error)")
        }
    }

    /// Refuses a body of another type.
    ///
    /// A body without a type is accepted.
    ///
    /// - Throws: ``APIError`` 415.
    package func checkContentType(_ expected: String, or other: String? = nil) throws(APIError) {
        guard let header = headers[.contentType], header != expected else { return }
        let type = header.prefix { $0 != ";" }.lowercased().split(separator: " ").joined()
        guard type == expected || type == other else {
            throw APIError(.unsupportedMediaType, "Content-Type must be \(expected), found \(Fields.shown(header))")
        }
    }
}
