package import Hummingbird
import NIOCore

/// A page for recipients of emails, who have no account here: one column, no script, nothing from elsewhere.
package struct PublicPage {
    /// What pages are written in. The first is for readers of other languages.
    package static let languages = ["en", "es", "pt"]

    /// Primary subtag of its language, such as `pt`.
    package var language: String
    package var title: String
    package var content: HTML
    package var status: HTTPResponse.Status = .ok

    package init(language: String, title: String, content: HTML, status: HTTPResponse.Status = .ok) {
        self.language = language
        self.title = title
        self.content = content
        self.status = status
    }

    package var response: Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentLanguage: language, .vary: "Accept-Language", .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                // The link is what the page is opened by: it must not be told to others.
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
