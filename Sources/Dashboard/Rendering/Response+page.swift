import Hummingbird
import NIOCore
import Web

extension Response {
    /// A page of the dashboard: nothing from other servers, no script or style but our own files, and not cached.
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

    /// A redirect to another page, which is requested by `GET`.
    static func see(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .cacheControl: "no-store"])
    }

    static let contentPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """
}

/// The page of an error.
struct ErrorPage {
    let title: String
    let text: String
    /// Whether a form was refused, to which the browser's back button leads.
    let goesBack: Bool

    init(_ error: APIError, goesBack: Bool = false) {
        title = Self.title(of: error.status)
        text = error.message
        self.goesBack = goesBack
    }

    /// The page outside a session, or where the session is not known.
    static func response(_ error: APIError) -> Response {
        let page = ErrorPage(error)
        var response = Response.page(Template.error.render(page, in: Layout(title: page.title)), status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        return response
    }

    private static func title(of status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "Not found"
        case .forbidden: "Not allowed"
        case .methodNotAllowed: "Not that way"
        case .tooManyRequests, .serviceUnavailable: "A moment, please"
        case .badGateway: "Amazon SES did not agree"
        default: status.kind == .serverError ? "Something went wrong" : "That did not work"
        }
    }
}

extension Template {
    static let error = Template(PackageResources.error_mustache)
}
