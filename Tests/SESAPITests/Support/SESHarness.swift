import Concurrency
import Encoding
import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MailModel
import NIOCore
import Recipients
import Sending
import Storage
import TestSupport
import Testing
import Web

@testable import Access
@testable import AmazonSES
@testable import Outbound
@testable import SESAPI

/// The API of SES on a real database of its own, and a client that signs like an SDK.
struct SESHarness: Sendable {
    let client: any TestClientProtocol
    let store: Store
    let clock: TestClock
    let keys: KeyService
    let routes: SESRoutes

    /// An access key of a new key.
    func makeKey(of account: String = "acme", scopes: Set<Scope> = Set(Scope.allCases), _ change: (inout NewKey) -> Void = { _ in })
        async throws
        -> AccessKey
    {
        var new = NewKey(accountReference: account, name: "Ann", scopes: scopes)
        new.hasAccessKey = true
        change(&new)
        return try #require(try await keys.create(new, by: .master).accessKey)
    }

    /// Calls version 1.
    func query(
        _ action: String, _ parameters: [(String, String)] = [], with key: AccessKey, headers: HTTPFields = [:]
    ) async throws -> SESAnswer {
        let form = ([("Action", action), ("Version", "2010-12-01")] + parameters).map { "\($0)=\(PercentEncoding.encode($1))" }
        return try await send(
            .post, "/", body: form.joined(separator: "&"), type: "application/x-www-form-urlencoded", with: key, headers: headers)
    }

    /// Calls version 2.
    func rest(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, with key: AccessKey) async throws -> SESAnswer {
        try await send(method, "/v2/email\(path)", body: body, type: "application/json", with: key)
    }

    /// Sends a signed request.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, body: String?, type: String, with key: AccessKey?, headers: HTTPFields = [:]
    ) async throws -> SESAnswer {
        var headers = headers
        if body != nil { headers[.contentType] = type }
        if let key {
            for (name, value) in signature(method, uri, body ?? "", with: key, headers) {
                if let name = HTTPFields.Element.Name(name) { headers[name] = value }
            }
        }
        return try await client.execute(uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }) {
            SESAnswer(status: $0.status.code, headers: $0.headers, text: String(buffer: $0.body))
        }
    }

    private func signature(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String, with key: AccessKey, _ headers: HTTPFields
    ) -> [(name: String, value: String)] {
        let parts = uri.split(separator: "?", maxSplits: 1)
        let credentials = AWSCredentials(accessKeyID: key.id, secretAccessKey: key.secret)
        let signing = SigningKey(credentials: credentials, day: clock.now.day, region: "eu-west-1", service: "ses")
        let request = SigV4Request(
            method: method.rawValue, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "",
            headers: [(name: "Host", value: "localhost")] + headers.map { (name: $0.name.rawName, value: $0.value) }, body: Array(body.utf8)
        )
        return SigV4Signer.headers(signing: request, with: signing, at: clock.now)
    }

    /// The emails that were accepted since the last call, by the part of the recipient's address before the @.
    func emails() async throws -> [String: Email] {
        let claimed = try await store.write { try TestClaim(limit: 100).run(in: $0) }
        return Dictionary(claimed.map { ($0.recipient.localPart, $0) }) { first, _ in first }
    }
}

struct SESAnswer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    var object: JSONObject { (try? JSONValue.parse(text.utf8).objectValue) ?? JSONObject() }

    /// The text of the first XML element of a name.
    func element(_ name: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>"), let end = text.firstRange(of: "</\(name)>") else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }

    /// The code of an error of either version.
    var code: String? { element("Code") ?? HTTPFields.Element.Name("x-amzn-ErrorType").flatMap { headers[$0] } }
    var message: String? { element("Message") ?? object["message"]?.stringValue }
    var requestID: String? { HTTPFields.Element.Name("x-amzn-RequestId").flatMap { headers[$0] } }
}

/// Runs a test against the API of SES.
func withSES(
    memory: MemoryBudget? = nil, largestBody: Int = 1 << 20, _ body: @escaping @Sendable (SESHarness) async throws -> Void
) async throws {
    let clock = TestClock()
    try await withStore(clock: clock) { store in
        let authenticator = Authenticator(
            store: store, masterToken: "master-token-of-the-test", secrets: SecretBox(key: Array(repeating: 7, count: 32)))
        let identities = LocalIdentities(
            wasRequested: { _ throws(SESError) in false }, senderWasRequested: { _ throws(SESError) in false })
        let routes = SESRoutes(
            authenticator: authenticator, submission: Submission(store: store, gate: Gate()),
            domains: DomainService(store: store, gate: Gate(), defaults: OutboundDefaults()),
            senders: SenderService(store: store, identities: identities, approval: .automatic, logger: Logger(label: "test")),
            verification: VerificationService(store: store, identities: identities, proof: .simulated),
            suppressions: SuppressionService(store: store), accounts: AccountService(store: store), largestBody: largestBody)
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let application = Application(
            router: [routes.routes].router(memory: memory, logger: quiet), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: quiet)
        try await application.test(.router) { client in
            try await body(
                SESHarness(
                    client: client, store: store, clock: clock, keys: KeyService(store: store, authenticator: authenticator), routes: routes
                ))
        }
    }
}
