import AsyncHTTPClient
import NIOHTTP1
import Testing

@testable import MartletClient

/// What is tried again, and after how long.
struct RetryPolicyTests {
    private struct Lost: Error {}

    private static let policy = RetryPolicy(maximumAttempts: 4, firstDelay: .seconds(1), maximumDelay: .seconds(10))

    private static func request(_ method: HTTPMethod, key: Bool = false) -> ClientRequest {
        var request = ClientRequest(method, "/emails")
        if key { request.headers.add(name: "Idempotency-Key", value: "k") }
        return request
    }

    private static func delay(_ status: Int, _ request: ClientRequest, after: String? = nil, attempt: Int = 1) -> Duration? {
        let headers = after.map { HTTPHeaders([("Retry-After", $0)]) } ?? [:]
        let answer = ClientResponse(status: status, headers: headers, body: [])
        return policy.delay(after: .success(answer), of: request, attempt: attempt, random: 0)
    }

    /// An answer that says that nothing was done allows any request again; one of a proxy only what may arrive twice.
    @Test(arguments: [
        (200, false, false), (202, false, false), (400, false, false), (404, false, false), (409, false, false), (422, false, false),
        (429, true, true), (500, false, false), (502, false, true), (503, true, true), (504, false, true),
    ])
    func statuses(_ status: Int, plain: Bool, idempotent: Bool) {
        #expect((Self.delay(status, Self.request(.POST)) != nil) == plain)
        #expect((Self.delay(status, Self.request(.POST, key: true)) != nil) == idempotent)
        #expect((Self.delay(status, Self.request(.GET)) != nil) == idempotent)
    }

    @Test(arguments: [
        (HTTPMethod.POST, false, false), (.POST, true, true), (.GET, false, true), (.PUT, false, true), (.DELETE, false, true),
    ])
    func lostAnswers(_ method: HTTPMethod, key: Bool, again: Bool) {
        let delay = Self.policy.delay(after: .failure(Lost()), of: Self.request(method, key: key), attempt: 1, random: 0)
        #expect((delay != nil) == again)
    }

    @Test func aStreamIsSentOnce() {
        var request = Self.request(.PUT)
        request.body = .stream(.bytes([1]))
        #expect(Self.delay(503, request) == nil)
    }

    @Test(arguments: [(1, Duration.milliseconds(500)), (2, .seconds(1)), (3, .seconds(2))])
    func delaysGrow(_ attempt: Int, delay: Duration) {
        #expect(Self.delay(503, Self.request(.GET), attempt: attempt) == delay)
    }

    @Test func attemptsEnd() {
        #expect(Self.delay(503, Self.request(.GET), attempt: 4) == nil)
        #expect(RetryPolicy.never.delay(after: .failure(Lost()), of: Self.request(.GET), attempt: 1, random: 0) == nil)
    }

    /// The server's own time goes first; a longer one than allowed is the caller's matter.
    @Test(arguments: [
        ("0", Duration.zero), ("7", .seconds(7)), ("10", .seconds(10)), ("11", nil), ("soon", .milliseconds(500)), ("-3", .zero),
    ])
    func retryAfter(_ text: String, delay: Duration?) {
        #expect(Self.delay(429, Self.request(.POST), after: text) == delay)
    }

    @Test func cancellationIsNoFailure() {
        #expect(Self.policy.delay(after: .failure(CancellationError()), of: Self.request(.GET), attempt: 1, random: 0) == nil)
    }
}
