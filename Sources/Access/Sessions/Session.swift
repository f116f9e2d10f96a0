import Crypto
import Encoding
package import MailModel

/// The session of a person who is logged in to the dashboard.
package struct Session: Sendable, Equatable {
    /// Who is logged in.
    package var principal: Principal
    /// The token of the session's forms, against requests from other sites.
    ///
    /// Derived from the session's secret, which it does not reveal.
    package var formToken: String
    /// When the session ends, however much it is used.
    package var expiresAt: Timestamp

    /// How long a session lasts without being used.
    package static let idle = Duration.seconds(2 * 3600)
    /// How long a session lasts at most.
    package static let lifetime = Duration.seconds(12 * 3600)
    /// The shortest interval between two records of its use.
    static let useInterval = Duration.seconds(60)

    /// Whether the token of a form is this session's, compared in constant time.
    package func accepts(formToken: String?) -> Bool {
        formToken.map { TokenHash($0) == TokenHash(self.formToken) } ?? false
    }
}

/// The content of a session's cookie: 256 random bits in hexadecimal.
///
/// Stored only as a hash.
struct SessionSecret {
    let text: String

    /// A new secret.
    init() {
        text = Token.secret()
    }

    /// The secret of a cookie; `nil` for a text that is not in the form of a secret.
    init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy(Hexadecimal.isLowercaseDigit) else { return nil }
        self.text = text
    }

    var hash: [UInt8] { TokenHash(text).bytes }

    /// The token of the session's forms: a keyed hash, so that a page does not reveal the secret.
    var formToken: String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: SymmetricKey(data: Array(text.utf8)))
        return Hexadecimal.encode(code)
    }
}
