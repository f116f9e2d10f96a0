package import Hummingbird
package import JSON
package import NIOCore

/// An answer with its whole body in memory.
package struct JSONAnswer: Sendable {
    /// The status line.
    package var status: HTTPResponse.Status
    /// The header fields, without those that the server adds to every answer.
    package var headers: HTTPFields
    /// The body.
    package var body: ByteBuffer

    init(status: HTTPResponse.Status, headers: HTTPFields, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer whose body `write` writes as JSON.
    package init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(reservingCapacity: 512)
        write(&writer)
        self.status = status
        self.headers = headers
        self.headers[.contentType] = "application/json"
        body = ByteBuffer(bytes: writer.bytes)
    }
}

extension Response {
    /// An answer in memory, as a handler returns it.
    package init(_ answer: JSONAnswer) {
        self.init(status: answer.status, headers: answer.headers, body: ResponseBody(byteBuffer: answer.body))
    }

    /// An answer whose body `write` writes as JSON.
    package static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        Response(JSONAnswer(status, headers: headers, write))
    }

    /// A page of a list as a bare array (specification 13.1).
    ///
    /// Where more follows, `Link` leads to the next page (RFC 8288), as a reference that is relative to the request's own address.
    ///
    /// - Parameters:
    ///   - found: one item more than `limit` shows that there are more; it is not written.
    ///   - next: returns the value of `after` that continues behind an item.
    package static func array<Item>(
        _ request: APIRequest, of found: [Item], limit: Int, next: (Item) -> String, write: (Item, inout JSONWriter) -> Void
    ) -> Response {
        let page = found.prefix(limit)
        var headers = HTTPFields()
        if found.count > limit, let last = page.last {
            let query = request.query.replacing("after", with: next(last))
            headers[.link] = "<\(request.httpRequest.uri.path)?\(query)>; rel=\"next\""
        }
        return json(headers: headers) { writer in
            writer.array { array in
                for item in page { write(item, &array) }
            }
        }
    }

    /// A text, plain unless another type is given.
    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(status: .ok, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// 204, without a body.
    package static let noContent = Response(status: .noContent)
}

// Header fields that HTTPTypes has no names for. The names are valid, so the defaults are never used.
extension HTTPFields.Element.Name {
    /// How much of the address of a page is sent along with its links (W3C Referrer Policy).
    package static let referrerPolicy = Self("Referrer-Policy") ?? .vary
    /// The relation between the site that made a request and ours (W3C Fetch Metadata).
    package static let secFetchSite = Self("Sec-Fetch-Site") ?? .origin
    /// The pages beside a page of a list (RFC 8288).
    package static let link = Self("Link") ?? .location
    static let xForwardedFor = Self("X-Forwarded-For") ?? .via
}
