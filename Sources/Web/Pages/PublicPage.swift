package import Hummingbird
import NIOCore

/// A page for recipients of emails, who have no account here: one column, no script, nothing from other servers.
package struct PublicPage {
    /// The languages of the pages, the default first.
    package static let languages = ["en", "es", "pt"]

    /// Primary subtag of its language, such as `pt`.
    package var language: String
    /// The title, which is also the heading.
    package var title: String
    /// What follows the heading.
    package var content: HTML
    /// The status of the answer.
    package var status: HTTPResponse.Status = .ok

    /// - Parameter language: primary subtag, such as `pt`.
    package init(language: String, title: String, content: HTML, status: HTTPResponse.Status = .ok) {
        self.language = language
        self.title = title
        self.content = content
        self.status = status
    }

    /// The page as an answer.
    package var response: Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentLanguage: language, .vary: "Accept-Language", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                // The address of the page has a token in it, which must not be sent to other sites.
                .referrerPolicy: "no-referrer",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: markup.description)))
    }

    private var markup: HTML {
        """
        <!DOCTYPE html>
        <html lang="\(language)"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex"><title>\(title)</title></head>
        <body><main><h1>\(title)</h1>
        \(content)
        </main></body></html>

        """
    }
}
