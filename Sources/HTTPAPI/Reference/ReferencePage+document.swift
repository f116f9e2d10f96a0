import Hummingbird
import Web

extension ReferencePage {
    /// - Parameter base: where the server answers, without a slash at its end.
    func document(base: String) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API reference - Martlet</title><link rel="icon" href="data:,">
        <link rel="stylesheet" href="\(ReferenceAssets.style.path)"><script type="module" src="\(ReferenceAssets.script.path)"></script></head>
        <body><a class="skip" href="#main">To the content</a>
        <header class="top"><b>Martlet</b><a href="/dashboard">Dashboard</a><a href="/openapi.json">openapi.json</a></header>
        <div class="columns">
        \(content(base: base))
        </div></body></html>

        """
    }

    /// Nothing from elsewhere, no script but ours, in no frame.
    static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    ]
}
