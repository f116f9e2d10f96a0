import Crypto
import Encoding
package import MailModel

/// Codes by the time (RFC 6238), as authenticator apps show them: six digits of HMAC-SHA-1 over steps of 30 seconds.
package struct TOTP: Sendable, Equatable {
    /// The length of a step, in seconds.
    package static let period: Int64 = 30
    /// How many steps the person's clock may be off.
    private static let tolerance: Int64 = 1

    /// The shared secret.
    package let secret: [UInt8]

    /// Codes of a secret.
    package init(secret: [UInt8]) {
        self.secret = secret
    }

    /// Codes of a new secret: 160 random bits, as RFC 4226 section 4 recommends.
    static func make() -> TOTP {
        TOTP(secret: .random(count: 20))
    }

    /// The secret as people type it: base32.
    package var text: String { Base32.encode(secret) }

    /// The URL that an app reads from a QR code (Key URI Format of Google Authenticator).
    package func url(for address: EmailAddress, issuer: String) -> String {
        let issuer = PercentEncoding.encode(issuer)
        return "otpauth://totp/\(issuer):\(PercentEncoding.encode(address.description))?secret=\(text)&issuer=\(issuer)"
    }

    /// The step of a time.
    static func step(at time: Timestamp) -> Int64 { time.milliseconds / 1000 / period }

    /// Returns the step whose code this is, of those around a time; `nil` for a wrong code.
    ///
    /// Steps up to the one that was used last are not looked at: a code is accepted once (RFC 6238 section 5.2).
    func step(of code: String, at time: Timestamp, after last: Int64) -> Int64? {
        let code = code.filter { !$0.isWhitespace }
        let present = Self.step(at: time)
        return (present - Self.tolerance...present + Self.tolerance).first { step in
            step > last && TokenHash(self.code(of: step)) == TokenHash(code)
        }
    }

    /// Returns the code of a step (RFC 4226 section 5.3).
    package func code(of step: Int64, digits: Int = 6) -> String {
        let message = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: step >> $0) }
        let code = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(code[code.count - 1] & 15)
        let number = code[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// The codes that a person keeps for the day when the second factor is lost: ten, of 50 random bits each, stored hashed and used once.
enum RecoveryCode {
    static let count = 10

    /// New codes, such as `k7wq2-m5xrt`.
    static func make() -> [String] {
        (0..<count).map { _ in
            let text = Base32.encode([UInt8].random(count: 7)).prefix(10).lowercased()
            return "\(text.prefix(5))-\(text.suffix(5))"
        }
    }

    /// The hash of a code, however it is typed.
    static func hash(_ code: String) -> [UInt8] {
        TokenHash("recovery:" + code.lowercased().filter { $0.isLetter || $0.isNumber }).bytes
    }
}
