import Hummingbird
import MailModel
import NIOCore
import Web

/// `/openapi.json` and `/docs`: the description of the operations for tools and for people. Both describe themselves too.
enum DocumentationController {
    /// Returns the operations, followed by the two that describe them all.
    static func completing(
        _ operations: [Operation], schemas: [(name: String, schema: Schema)], address: PublicAddress
    ) -> [Operation] {
        let described = operations + [description { _ in .noContent }, reference { _ in .noContent }]
        let document = ByteBuffer(bytes: OpenAPI(operations: described, schemas: schemas).document)
        let response = Response(
            status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document))
        let page = ReferenceResponse(ReferencePage(operations: described, schemas: schemas + OpenAPI.errors), address: address)
        return operations + [description { _ in response }, reference(page.response)]
    }

    private static func description(_ handler: @escaping Operation.OpenHandler) -> Operation {
        .open(.get, "/openapi.json", Documentation("This description for tools", .json(.ok, "OpenAPI 3.1.", .object([]))), handler)
    }

    private static func reference(_ handler: @escaping Operation.OpenHandler) -> Operation {
        .open(.get, "/docs", Documentation("This description for people", .text("The page.", "text/html")), handler)
    }
}

/// The answer of `/docs`: its curl lines have the address under which the reader reached the server.
struct ReferenceResponse: Sendable {
    /// The page, split where the address goes, so that a request only inserts it.
    private let pieces: [Substring]
    private let address: PublicAddress

    init(_ page: ReferencePage, address: PublicAddress) {
        pieces = page.document(base: String(Self.marker)).description.split(separator: Self.marker, omittingEmptySubsequences: false)
        self.address = address
    }

    /// A code point for private use, which does not occur in the page.
    private static let marker: Character = "\u{E000}"

    func response(_ request: APIRequest) -> Response {
        let base = HTML.text(address.base(host: request.httpRequest.head.authority)).description
        return Response(
            status: .ok, headers: ReferencePage.headers, body: ResponseBody(byteBuffer: ByteBuffer(string: pieces.joined(separator: base))))
    }
}

/// The address under which clients reach this server.
package struct PublicAddress: Sendable {
    private let configured: String?
    private let local: String

    /// - Parameters:
    ///   - configured: the setting `public.url`, without a slash at its end.
    ///   - local: the address where neither the setting nor the request has one.
    package init(configured: String?, local: String) {
        self.configured = configured
        self.local = local
    }

    /// Returns the configured address, or else the one that a request was sent to. An invalid `Host` is ignored: any client may send one.
    ///
    /// - Parameter host: the request's header field.
    func base(host: String?) -> String {
        if let configured { return configured }
        guard let host, let url = WebURL("http://" + host), url.path == "/", url.query == nil else {
            return local
        }
        return "http://" + url.authority
    }
}
