import Encoding
import Hummingbird
import NIOCore

/// A static file that pages refer to.
///
/// Its path changes with its content, so that browsers may cache it forever.
package struct Asset: Sendable {
    /// The path, such as `/assets/pages-5d1fe0a2c3b49687.css`.
    package let path: String
    private let type: String
    private let content: ByteBuffer

    /// - Parameters:
    ///   - name: without its extension.
    ///   - ending: the extension: `css`, `js` or `svg`.
    package init(name: String, ending: String, content: String) {
        path = "/assets/\(name)-\(Self.fingerprint(content)).\(ending)"
        type =
            switch ending {
            case "js": "text/javascript; charset=utf-8"
            case "svg": "image/svg+xml"
            default: "text/\(ending); charset=utf-8"
            }
        self.content = ByteBuffer(string: content)
    }

    /// The route of the file, whatever the query is.
    package var route: Route {
        let response = Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: content))
        return Route(.get, path, CallbackResponder { _, _ in response })
    }

    /// FNV-1a of 64 bits: distinguishes versions of a file, and has no cryptographic use.
    private static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Hexadecimal.encode(hash)
    }
}
