import Access
import AmazonSES
import Hummingbird
import MailModel
import NIOCore
import Web

/// Reads a request of the API of SES and finds out who has signed it.
///
/// The body is part of what is signed, so it is read first, within the memory of callers that are not known yet.
struct SignedRequest {
    let request: APIRequest
    let body: ByteBuffer
    let caller: SESCaller

    /// - Parameter limit: of the body, in bytes.
    init(_ request: Request, _ context: APIContext, limit: Int, _ authenticator: Authenticator) async throws {
        self.request = APIRequest(request, context: context, query: Query())
        try Self.refuseStreams(request)
        body = try await self.request.body(upTo: limit)
        // The body once more, for its hash and its parts.
        try self.request.reserve(body.readableBytes)
        let signed = SigV4Request(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "", headers: Self.headers(of: request),
            body: Array(body.readableBytesView))
        let principal = try await authenticator.authenticate(signed, from: context.remoteAddress)
        context.record.identify(principal)
        // Access keys belong to keys of accounts.
        guard let account = principal.account else { throw AuthenticationError(reason: .unknownKey) }
        caller = SESCaller(
            principal: principal, account: account, region: (try? SigV4Authorization(signed))?.region ?? "", requestID: context.record.id)
    }

    /// All header fields, `Host` among them, which HTTPTypes keeps apart.
    private static func headers(of request: Request) -> [(name: String, value: String)] {
        [(name: "host", value: request.head.authority ?? "")] + request.headers.map { (name: $0.name.rawName, value: $0.value) }
    }

    private static func refuseStreams(_ request: Request) throws {
        let isChunked = request.headers[.contentEncoding]?.lowercased().contains("aws-chunked") ?? false
        guard !isChunked else {
            throw AuthenticationError(reason: .incompleteSignature("A body that is signed in chunks is not supported."))
        }
    }
}
