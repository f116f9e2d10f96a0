package import Concurrency
import FoundationEssentials
import JSON
package import Logging
package import MailModel

/// The client of Amazon SES, in both versions of its API, which share host and signature.
///
/// Version 2 (JSON over REST) sends, tells about the account and has tenants and the suppression list. Version 1 (2010-12-01, a form that is
/// answered by XML) has the identities, because only its `VerifyDomainIdentity` returns the TXT token (specification 3).
package final class SESClient: Sendable {
    let configuration: AWSConfiguration
    private let signer: RequestSigner
    private let http: AWSHTTPClient
    private let timeout: Duration
    /// Where calls for identities wait for their turn; `nil`: they do not wait.
    let control: PacedQueue?
    let logger: Logger
    let pause: @Sendable (Duration) async -> Void

    private static let maximumAnswer = 256 * 1024

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - control: where calls for identities wait for their turn, of which SES allows about one a second; `nil`: they do not wait.
    ///   - timeout: for one call as a whole. SES nearly always answers within a second; a call that times out has an unknown outcome.
    ///   - clock: the time that calls are signed with; `nil`: this machine's. AWS refuses a signature that is off by more than five
    ///     minutes.
    package convenience init(
        configuration: AWSConfiguration, credentials: any CredentialsProvider, http: AWSHTTPClient, control: PacedQueue? = nil,
        timeout: Duration = .seconds(30), logger: Logger, clock: (@Sendable () -> Timestamp)? = nil
    ) {
        self.init(
            configuration: configuration, credentials: credentials, http: http, control: control, timeout: timeout, logger: logger,
            clock: clock ?? { .systemNow() }
        ) { duration in
            try? await Task.sleep(for: duration)
        }
    }

    /// - Parameter pause: waits before a throttled call is repeated.
    init(
        configuration: AWSConfiguration, credentials: any CredentialsProvider, http: AWSHTTPClient, control: PacedQueue? = nil,
        timeout: Duration, logger: Logger, clock: @escaping @Sendable () -> Timestamp = { .systemNow() },
        pause: @escaping @Sendable (Duration) async -> Void
    ) {
        self.configuration = configuration
        signer = RequestSigner(credentials: credentials, region: configuration.region, service: "ses", clock: clock)
        self.http = http
        self.control = control
        self.timeout = timeout
        self.logger = logger
        self.pause = pause
    }

    /// Makes one call and returns the document of its answer.
    func call(_ form: FormBody) async throws(SESError) -> XMLElement {
        let request = try await signed(form)
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(request, timeout: timeout, maximumBytes: Self.maximumAnswer)
        } catch {
            throw SESError(error)
        }
        guard answer.status == 200 else { throw SESError(answer: answer) }
        do {
            return try XMLElement(document: answer.body)
        } catch {
            throw .unreadable
        }
    }

    /// Makes one call of version 2 and returns its answer, which is empty where SES answers nothing.
    ///
    /// - Parameter path: below `v2/email/`, percent-encoded.
    @discardableResult
    func callV2(_ method: String, _ path: String, _ body: [UInt8] = []) async throws(SESError) -> JSONObject {
        var endpoint = configuration.endpoint.description
        if !endpoint.hasSuffix("/") { endpoint += "/" }
        guard let url = WebURL(endpoint + "v2/email/" + path) else {
            throw SESError(code: "InvalidPath", message: path, outcome: .permanent)
        }
        let request = try await signed(method, url, type: "application/json", body)
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(request, timeout: timeout, maximumBytes: Self.maximumAnswer)
        } catch {
            throw SESError(error)
        }
        guard answer.status == 200 else { throw SESError(answerOfV2: answer) }
        if answer.body.isEmpty { return JSONObject() }
        guard let document = (try? JSONValue.parseLeniently(answer.body))?.objectValue else { throw .unreadable }
        return document
    }

    private func signed(_ form: FormBody) async throws(SESError) -> OutgoingRequest {
        try await signed("POST", configuration.endpoint, type: "application/x-www-form-urlencoded; charset=utf-8", form.bytes)
    }

    private func signed(_ method: String, _ url: WebURL, type: String, _ body: [UInt8]) async throws(SESError) -> OutgoingRequest {
        do {
            return try await signer.signed(method, url, headers: [("Content-Type", type)], body)
        } catch {
            throw SESError(code: "CredentialsUnavailable", message: error.description, outcome: .paused)
        }
    }
}

extension SESError {
    /// The error for a successful answer that cannot be parsed.
    static let unreadable = SESError(
        code: "UnreadableAnswer", message: "the answer is not what SES documents", httpStatus: 200, outcome: .unknown)
}

extension Timestamp {
    /// The present time by this machine's clock.
    static func systemNow() -> Timestamp {
        Timestamp(Date())
    }

    init(_ date: Date) {
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
