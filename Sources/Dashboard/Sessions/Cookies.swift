import Hummingbird
import Web

/// The dashboard's cookies: the session, and what the next page says.
struct Cookies: Sendable {
    /// Browsers reach us by https: cookies go nowhere else.
    let isSecure: Bool

    /// By its prefix a browser takes the cookie from this host alone, and by https alone (RFC 6265bis section 4.1.3).
    private var sessionName: String { isSecure ? "__Host-martlet" : "martlet" }
    private static let flashName = "martlet_flash"

    func session(of request: Request) -> String? {
        request.cookies[sessionName]?.value
    }

    func session(_ secret: String) -> HTTPFields.Element {
        field(sessionName, secret, path: "/")
    }

    var endSession: HTTPFields.Element { field(sessionName, "", path: "/", maximumAge: 0) }

    /// Its text is percent-encoded; whatever comes back is shown as text.
    func flash(of request: Request) -> Flash? {
        guard let value = request.cookies[Self.flashName]?.value else { return nil }
        let parts = value.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let tone = Tone(rawValue: String(parts[0])), let text = PercentEncoding.decode(parts[1]) else { return nil }
        return Flash(tone: tone, text: text)
    }

    func flash(_ flash: Flash) -> HTTPFields.Element {
        field(
            Self.flashName, "\(flash.tone.rawValue).\(PercentEncoding.encode(String(flash.text.prefix(500))))", path: "/dashboard",
            maximumAge: 60)
    }

    var endFlash: HTTPFields.Element { field(Self.flashName, "", path: "/dashboard", maximumAge: 0) }

    private func field(_ name: String, _ value: String, path: String, maximumAge: Int? = nil) -> HTTPFields.Element {
        let age = maximumAge.map { "; Max-Age=\($0)" } ?? ""
        return HTTPFields.Element(
            name: .setCookie, value: "\(name)=\(value); Path=\(path); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")\(age)")
    }
}
