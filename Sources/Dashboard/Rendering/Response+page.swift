import Hummingbird
import NIOCore
import Web

extension Response {
    /// A page of the dashboard: nothing from elsewhere, no script or style but our own files, and no cache keeps it.
    static func page(_ markup: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: contentPolicy,
                // With `no-referrer` browsers would send forms without their origin.
                .referrerPolicy: "same-origin",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: markup)))
    }

    /// The way to another page, by GET.
    static func see(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }

    static let contentPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """
}
