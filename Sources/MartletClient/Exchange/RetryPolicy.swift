/// How often, and after how long, a request that failed is made again.
///
/// Made again are: answers 429 and 503, which say that nothing was done; where it does not matter that a request arrives twice, also lost
/// answers and those of a proxy without a server (502, 504). Other answers stay what they are.
public struct RetryPolicy: Sendable {
    /// The most requests, the first one included.
    public var maximumAttempts: Int
    /// The delay before the second request; each further one is twice as long, and a random part of it is waited.
    public var firstDelay: Duration
    /// The longest delay; where the server asks for a longer one, its answer is given to the caller.
    public var maximumDelay: Duration

    /// Creates a policy.
    public init(maximumAttempts: Int, firstDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(30)) {
        self.maximumAttempts = maximumAttempts
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
    }

    /// Four requests, with at most 30 seconds between two of them.
    public static let standard = RetryPolicy(maximumAttempts: 4)
    /// One request.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// Returns the delay before the next request; `nil` for none.
    ///
    /// - Parameters:
    ///   - result: the answer, or the reason why there is none.
    ///   - request: the request.
    ///   - attempt: how often it was made.
    ///   - random: between 0 and 1.
    func delay(after result: Result<ClientResponse, any Error>, of request: ClientRequest, attempt: Int, random: Double) -> Duration? {
        guard attempt < maximumAttempts, request.isRepeatable else { return nil }
        switch result {
        case .failure(let error):
            return request.isIdempotent && !(error is CancellationError) ? backoff(attempt, random) : nil
        case .success(let response):
            guard Self.isTemporary(response, of: request) else { return nil }
            guard let asked = response.retryAfter else { return backoff(attempt, random) }
            // Many clients are told the same: they come back within a second, not at once.
            return asked <= maximumDelay ? asked + .seconds(1) * random : nil
        }
    }

    private static func isTemporary(_ response: ClientResponse, of request: ClientRequest) -> Bool {
        switch response.status {
        case 429, 503: true
        case 502, 504: request.isIdempotent
        default: false
        }
    }

    private func backoff(_ attempt: Int, _ random: Double) -> Duration {
        min(maximumDelay, firstDelay * (1 << min(attempt - 1, 20))) * (0.5 + random / 2)
    }
}
