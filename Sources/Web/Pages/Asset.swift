import Hummingbird
import NIOCore

/// A file of ours that pages refer to. Its address changes with its content, so that browsers may keep it for good.
package struct Asset: Sendable {
    /// Where it is served, such as `/assets/pages-5d1fe0a2c3b49687.css`.
    package let path: String
    private let type: String
    private let content: ByteBuffer

    /// - Parameters:
    ///   - name: without its ending.
    ///   - ending: `css`, `js` or `svg`.
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

    /// Answers the file, whatever stands behind a `?`.
    package var route: Route {
        let response = Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: content))
        return Route(.get, path, CallbackResponder { _, _ in response })
    }

    /// FNV-1a of 64 bits: tells versions of one file apart, and guards nothing.
    private static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
