import Hummingbird
import JSON
import MailModel
import NIOCore
import Web

/// `/openapi.json`, `/docs`, `/docs.md` and `/llms.txt`: the description of the operations for tools and for people.
///
/// They describe themselves too.
enum DocumentationController {
    /// Returns the operations, followed by those that describe them all.
    static func completing(_ operations: [Operation], address: PublicAddress) -> [Operation] {
        let none: Operation.OpenHandler = { _ in .noContent }
        let described = operations + own(openAPI: none, page: none, markdown: none, index: none)
        let openAPI = OpenAPI(operations: described, callbacks: CallbackDescription.all)
        let markdown = ReferenceMarkdown(openAPI)
        return operations
            + own(
                openAPI: AddressedDocument(openAPI, address: address).response,
                page: AddressedDocument(ReferencePage(openAPI), address: address).response,
                markdown: AddressedDocument(text: markdown.document, type: "text/markdown; charset=utf-8", address: address).response,
                index: AddressedDocument(text: markdown.index, type: "text/plain; charset=utf-8", address: address).response)
    }

    private static func own(
        openAPI: @escaping Operation.OpenHandler, page: @escaping Operation.OpenHandler, markdown: @escaping Operation.OpenHandler,
        index: @escaping Operation.OpenHandler
    ) -> [Operation] {
        [
            .open(.get, "/openapi.json", Documentation("This description for tools", .json(.ok, "OpenAPI 3.1.", .object([]))), openAPI),
            .open(.get, "/docs", Documentation("This description for people", .text("The page.", "text/html")), page),
            .open(.get, "/docs.md", Documentation("This description as Markdown", .text("The page.", "text/markdown")), markdown),
            .open(.get, "/llms.txt", Documentation("What there is, for programs that read texts", .text("The list.")), index),
        ]
    }
}

/// A description of the API that has the address under which its reader reached the server.
struct AddressedDocument: Sendable {
    /// The document, split where the address goes, so that a request only inserts it.
    private let pieces: [Substring]
    private let headers: HTTPFields
    private let address: PublicAddress
    /// Returns the address as a part of the document's text.
    private let encode: @Sendable (String) -> String

    /// `/openapi.json`.
    init(_ openAPI: OpenAPI, address: PublicAddress) {
        self.init(
            String(decoding: openAPI.document(base: String(Self.marker)), as: UTF8.self), [.contentType: "application/json"], address
        ) { String(Example(.string($0)).text.dropFirst().dropLast()) }
    }

    /// `/docs`: the address is in its lines for curl.
    init(_ page: ReferencePage, address: PublicAddress) {
        self.init(page.document(base: String(Self.marker)).description, ReferencePage.headers, address) { HTML.text($0).description }
    }

    /// `/docs.md` and `/llms.txt`.
    ///
    /// - Parameter text: returns the text for an address.
    init(text: (_ base: String) -> String, type: String, address: PublicAddress) {
        self.init(text(String(Self.marker)), [.contentType: type, .xContentTypeOptions: "nosniff"], address) { $0 }
    }

    private init(_ text: String, _ headers: HTTPFields, _ address: PublicAddress, encode: @escaping @Sendable (String) -> String) {
        pieces = text.split(separator: Self.marker, omittingEmptySubsequences: false)
        self.headers = headers
        self.address = address
        self.encode = encode
    }

    /// A code point for private use, which does not occur in the documents.
    private static let marker: Character = "\u{E000}"

    func response(_ request: APIRequest) -> Response {
        let base = encode(address.base(host: request.httpRequest.head.authority))
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: pieces.joined(separator: base))))
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

    /// Returns the configured address, or else the one that a request was sent to.
    ///
    /// An invalid `Host` is ignored: any client may send one.
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
