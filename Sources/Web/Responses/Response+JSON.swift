package import Hummingbird
package import JSON
import NIOCore

extension Response {
    /// An answer whose body `write` writes as JSON.
    package static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter(reservingCapacity: 512)
        write(&writer)
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    /// A list as a bare array (specification 13.1). Where it is as long as the caller's `limit`, more may follow its last item.
    package static func array<Item>(_ items: [Item], write: (Item, inout JSONWriter) -> Void) -> Response {
        json { writer in
            writer.array { array in
                for item in items { write(item, &array) }
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
    static let xForwardedFor = Self("X-Forwarded-For") ?? .via
}
