import Crypto
public import MailModel
public import Storage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes and checks the links by which a recipient unsubscribes: `…/u/{token}` (contract section 4, RFC 8058).
///
/// A token is the email's id with a MAC, so that it needs no row, can't be guessed, and stays short enough for one header line. The id holds
/// the time at which the email was accepted, and with it until when its link is good.
public struct UnsubscribeLinks: Sendable {
    /// How long a link is good after its email was accepted: longer than anybody lets an email lie, and than the 30 days that CAN-SPAM asks for.
    public static let lifetime: Duration = .seconds(400 * 86_400)

    /// What a token says that we made.
    public enum Reading: Sendable, Equatable {
        case valid(EmailID)
        case expired
    }

    private static let macLength = 16

    private let key: SymmetricKey
    private let base: String

    /// - Parameter base: where recipients reach this service, without a slash at the end.
    public init(secret: [UInt8], base: String) {
        key = SymmetricKey(data: secret)
        self.base = base
    }

    /// Reads the secret that all nodes share, and makes it the first time.
    public static func load(from store: Store, base: String) async throws -> UnsubscribeLinks {
        var generator = SystemRandomNumberGenerator()
        let candidate = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return UnsubscribeLinks(secret: try await store.write { try $0.secret(named: "unsubscribe", candidate: candidate) }, base: base)
    }

    public func url(for email: EmailID) -> String {
        base + "/u/" + token(for: email)
    }

    func token(for email: EmailID) -> String {
        Data(email.bytes + mac(of: email.bytes)).base64URL
    }

    /// The email a token was made for; `nil` for one that we did not make.
    public func email(of token: String, at now: Timestamp) -> Reading? {
        verified(token).map { now - $0.time > Self.lifetime ? .expired : .valid($0) }
    }

    private func verified(_ token: String) -> EmailID? {
        guard let bytes = Data(base64URL: token), bytes.count == 16 + Self.macLength, let id = EmailID(bytes: bytes.prefix(16)) else {
            return nil
        }
        let expected = mac(of: id.bytes)
        // Every byte is compared, whatever the earlier ones said: the time tells nothing about the right MAC.
        let difference = zip(expected, bytes.dropFirst(16)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 ? id : nil
    }

    private func mac(of bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(Self.macLength))
    }
}

extension Data {
    /// RFC 4648 section 5, without padding.
    fileprivate var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    fileprivate init?(base64URL text: String) {
        guard text.utf8.count <= 128 else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}
