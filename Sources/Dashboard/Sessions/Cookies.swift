import Encoding
import Hummingbird
import Web

/// The cookies of the dashboard: the session, and the ``Flash`` for the next page.
struct Cookies: Sendable {
    /// Whether the public URL is https: the cookies are then sent by https only.
    let isSecure: Bool

    /// With the prefix, browsers accept the cookie from this host and by https only (RFC 6265bis section 4.1.3).
    private var sessionName: String { isSecure ? "__Host-martlet" : "martlet" }
    private static let flashName = "martlet_flash"

    func session(of request: Request) -> String? {
        request.cookies[sessionName]?.value
    }

    func session(_ secret: String) -> HTTPFields.Element {
        field(sessionName, secret, path: "/")
    }

    var endSession: HTTPFields.Element { field(sessionName, "", path: "/", maximumAge: 0) }

    /// Returns the message of a request.
    ///
    /// Its text is percent-encoded in the cookie, and escaped in the page.
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

/// A message about what was done, shown once on the next page.
struct Flash: Sendable, Equatable {
    let tone: Tone
    let text: String
    /// The tone in words, for readers who do not see its colour.
    ///
    /// Stored, because templates see stored properties only.
    let label: String

    init(tone: Tone, text: String) {
        self.tone = tone
        self.text = text
        label = tone == .good ? "Done" : "Note"
    }
}
