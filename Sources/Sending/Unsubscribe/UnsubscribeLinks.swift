package import MailModel
package import Storage

/// Makes and checks the links by which a recipient unsubscribes: `…/u/{token}` (specification 5.4, RFC 8058).
///
/// A token is the email's id with a MAC, so that it needs no row, can't be guessed, and stays short enough for one header line. The id holds
/// the time at which the email was accepted, and with it until when its link is good.
package struct UnsubscribeLinks: Sendable {
    /// How long a link is good after its email was accepted: longer than anybody lets an email lie, and than the 30 days that CAN-SPAM asks for.
    package static let lifetime: Duration = .seconds(400 * 86_400)

    /// What a token says that we made.
    package enum Reading: Sendable, Equatable {
        case valid(EmailID)
        case expired
    }

    private let tokens: SignedTokens
    private let base: String

    /// - Parameter base: where recipients reach this service, without a slash at the end.
    package init(secret: [UInt8], base: String) {
        tokens = SignedTokens(secret: secret)
        self.base = base
    }

    /// Reads the secret that all nodes share, and makes it the first time.
    package static func load(from store: Store, base: String) async throws -> UnsubscribeLinks {
        let secret = try await SignedTokens.secret(named: "unsubscribe", in: store)
        return UnsubscribeLinks(secret: secret, base: base)
    }

    package func url(for email: EmailID) -> String {
        base + "/u/" + token(for: email)
    }

    func token(for email: EmailID) -> String {
        tokens.token(for: email.bytes)
    }

    /// The email a token was made for; `nil` for one that we did not make.
    package func email(of token: String, at now: Timestamp) -> Reading? {
        tokens.id(of: token).flatMap { EmailID(bytes: $0) }.map { now - $0.time > Self.lifetime ? .expired : .valid($0) }
    }
}
