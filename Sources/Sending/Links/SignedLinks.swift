package import MailModel
package import Storage

/// Makes and verifies the links by which a recipient unsubscribes: `…/u/{token}` (specification 5.4, RFC 8058).
///
/// The token of a link is the email's id with a MAC. The id contains the time of acceptance, by which the link expires.
package struct UnsubscribeLinks: Sendable {
    /// How long a link is valid after its email was accepted: longer than emails are commonly kept, and than the 30 days that CAN-SPAM asks
    /// for.
    package static let lifetime: Duration = .seconds(400 * 86_400)

    /// A token that was made here.
    package enum VerifiedToken: Sendable, Equatable {
        /// The token of this email.
        case valid(EmailID)
        /// The token of an email that was accepted longer than ``UnsubscribeLinks/lifetime`` ago.
        case expired
    }

    private let tokens: SignedTokens
    private let base: String

    /// The links with a secret.
    ///
    /// - Parameter base: the URL at which recipients reach this service, without a slash at the end.
    package init(secret: [UInt8], base: String) {
        tokens = SignedTokens(secret: secret)
        self.base = base
    }

    /// The links with the secret that all nodes share; creates it the first time.
    package static func load(from store: Store, base: String) async throws -> UnsubscribeLinks {
        let secret = try await SignedTokens.secret(named: "unsubscribe", in: store)
        return UnsubscribeLinks(secret: secret, base: base)
    }

    /// Returns the link of an email.
    package func url(for email: EmailID) -> String {
        url(with: tokens.token(for: email.bytes))
    }

    /// Returns the link with this token.
    func url(with token: String) -> String {
        base + "/u/" + token
    }

    /// Returns whether a token was made here, however old it is.
    func isToken(_ token: String) -> Bool {
        tokens.id(of: token) != nil
    }

    /// Verifies a token; `nil` for one that was not made here.
    package func verify(_ token: String, at now: Timestamp) -> VerifiedToken? {
        tokens.id(of: token).flatMap { EmailID(bytes: $0) }.map { now - $0.time > Self.lifetime ? .expired : .valid($0) }
    }
}

/// Makes and verifies the links by which the owner of an address confirms a subscription: `…/c/{token}` (specification 9.4).
package struct SubscriptionLinks: Sendable {
    private let tokens: SignedTokens
    private let base: String

    /// The links with a secret.
    ///
    /// - Parameter base: the URL at which recipients reach this service, without a slash at the end.
    package init(secret: [UInt8], base: String) {
        tokens = SignedTokens(secret: secret)
        self.base = base
    }

    /// The links with the secret that all nodes share; creates it the first time.
    package static func load(from store: Store, base: String) async throws -> SubscriptionLinks {
        let secret = try await SignedTokens.secret(named: "subscribe", in: store)
        return SubscriptionLinks(secret: secret, base: base)
    }

    func url(for id: SubscriptionID) -> String {
        base + "/c/" + tokens.token(for: id.bytes)
    }

    /// Verifies a token; `nil` for one that was not made here.
    func verify(_ token: String) -> SubscriptionID? {
        tokens.id(of: token).flatMap { SubscriptionID(bytes: $0) }
    }
}
