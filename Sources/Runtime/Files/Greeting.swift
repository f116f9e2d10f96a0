/// The text that `martlet serve` prints once it listens: where the server is, the token, and calls to try.
package struct Greeting: Sendable {
    private let settings: Settings
    private let url: String
    private let master: MasterToken
    private let isOnTerminal: Bool

    /// Creates the greeting of a server with these settings and this token.
    ///
    /// - Parameter isOnTerminal: whether a person reads it. Otherwise it ends in a log, which others read and which is kept.
    package init(_ settings: Settings, _ master: MasterToken, isOnTerminal: Bool) {
        self.settings = settings
        url = settings.localURL
        self.master = master
        self.isOnTerminal = isOnTerminal
    }

    /// The text, of several lines.
    ///
    /// On a terminal it shows a token that was generated at this start, and no other.
    package var text: String {
        """

        Martlet listens on \(url)\(settings.transport == .capture ? ", mail stays on this machine" : "").

          Dashboard      \(url)/
          API reference  \(url)/docs
          Master token   \(token)

        Try in another terminal:

          \(tokenLine)
          curl -s \(url)/domains -H "Authorization: Bearer $TOKEN" --json '{"name": "shop.example"}'
          curl -s -X POST \(url)/domains/shop.example/ses-verify -H "Authorization: Bearer $TOKEN"
          curl -s \(url)/domains/shop.example/ses-status -H "Authorization: Bearer $TOKEN"
          curl -s \(url)/emails -H "Authorization: Bearer $TOKEN" --json '{"from": "news@shop.example", \
        "to": "success@simulator.martlet.test", "subject": "Hello", "text": "We have a new offer this week."}'
          curl -s \(url)/domains/shop.example/outbound -H "Authorization: Bearer $TOKEN"

        Send to bounce@simulator.martlet.test, and the last line shows what a bounce does.


        """
    }

    private var token: String {
        switch master.origin {
        case .configured: "the configured one"
        case .file(let path): "in \(path)"
        case .generated(let path) where isOnTerminal: "\(master.token) (new, kept in \(path))"
        case .generated(let path): "new, in \(path), which only this user can read"
        }
    }

    private var tokenLine: String {
        switch master.origin {
        case .configured: "TOKEN=…"
        case .file(let path), .generated(let path): "TOKEN=$(cat \(path))"
        }
    }
}
