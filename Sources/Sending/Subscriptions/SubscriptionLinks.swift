import MailModel
package import Storage

/// Makes and checks the links by which the owner of an address agrees to be on a list: `…/c/{token}` (specification 9.4).
package struct SubscriptionLinks: Sendable {
    private let tokens: SignedTokens
    private let base: String

    /// - Parameter base: where recipients reach this service, without a slash at the end.
    package init(secret: [UInt8], base: String) {
        tokens = SignedTokens(secret: secret)
        self.base = base
    }

    /// Reads the secret that all nodes share, and makes it the first time.
    package static func load(from store: Store, base: String) async throws -> SubscriptionLinks {
        let secret = try await SignedTokens.secret(named: "subscribe", in: store)
        return SubscriptionLinks(secret: secret, base: base)
    }

    func url(for id: SubscriptionID) -> String {
        base + "/c/" + tokens.token(for: id.bytes)
    }

    /// The subscription a token was made for; `nil` for one that we did not make.
    func subscription(of token: String) -> SubscriptionID? {
        tokens.id(of: token).flatMap { SubscriptionID(bytes: $0) }
    }
}
