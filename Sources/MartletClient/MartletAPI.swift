public import AsyncHTTPClient

/// A client of a Martlet server.
///
/// ```swift
/// let martlet = MartletAPI(url: "https://mail.example.com", token: token)
/// let sent = try await martlet.send(NewEmail(from: "news@shop.example", to: "ann@customer.example", subject: "Hello", text: "…"))
/// for try await email in martlet.emails(EmailFilter(status: .bouncedPermanent)) { print(email.to ?? "erased") }
/// ```
///
/// What the server refuses is thrown as ``ServerRefusal``. Busy servers and lost answers are tried again (``RetryPolicy``): an email is
/// sent under an idempotency key, so that it is accepted once however often it is tried.
public struct MartletAPI: Sendable {
    /// The URL of the server, without a slash at the end.
    public let url: String
    /// What failed is tried again by this policy.
    public var retries: RetryPolicy
    let token: String
    let httpClient: HTTPClient

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - url: the URL of the server, such as `https://mail.example.com`.
    ///   - token: a client key, or the master token.
    ///   - retries: how often, and how long, what failed is tried again.
    ///   - httpClient: makes the requests; the caller shuts it down, if it is not the shared one.
    public init(url: String, token: String, retries: RetryPolicy = .standard, httpClient: HTTPClient = .shared) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        self.retries = retries
        self.httpClient = httpClient
    }
}
