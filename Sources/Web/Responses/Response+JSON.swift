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

    /// A list as a bare array (specification 13.1). Where it is as long as the caller's `limit`, there may be more behind its last item.
    package static func array<Item>(_ items: [Item], write: (Item, inout JSONWriter) -> Void) -> Response {
        json { writer in
            writer.array { array in
                for item in items { write(item, &array) }
            }
        }
    }

    package static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(status: .ok, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    package static let noContent = Response(status: .noContent)
}
