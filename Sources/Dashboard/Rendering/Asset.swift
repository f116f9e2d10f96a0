import Crypto
import Hummingbird
import NIOCore
import Web

/// A file of the dashboard itself: the style, the script, the icon. Its name holds a hash of its content, so that browsers keep it for good.
struct Asset: HTTPResponder {
    typealias Context = APIContext

    static let style = Asset("dashboard", "css", "text/css; charset=utf-8", PackageResources.dashboard_css)
    static let script = Asset("dashboard", "js", "text/javascript; charset=utf-8", PackageResources.dashboard_js)
    static let icon = Asset("icon", "svg", "image/svg+xml", PackageResources.icon_svg)

    static var routes: [Route] { [style, script, icon].map { Route(.get, $0.path, $0) } }

    let path: String
    private let type: String
    private let content: ByteBuffer

    private init(_ name: String, _ suffix: String, _ type: String, _ content: [UInt8]) {
        let hash = SHA256.hash(data: content).prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        path = "/dashboard/assets/\(name)-\(hash).\(suffix)"
        self.type = type
        self.content = ByteBuffer(bytes: content)
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "public, max-age=31536000, immutable", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'none'",
            ],
            body: ResponseBody(byteBuffer: content))
    }
}
