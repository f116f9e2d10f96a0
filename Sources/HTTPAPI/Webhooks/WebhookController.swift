import Feedback
import Hummingbird
import Web

/// `/webhooks/ses`: the notifications of SES, delivered by Amazon SNS (specification 4.1).
///
/// There is no token: messages are authenticated by their signature. SNS treats every answer below 500 as delivered, so that our own
/// failures have to be 5xx.
struct WebhookController: Sendable {
    let receiver: SNSReceiver

    /// The maximum size of a delivery: 256 KiB of message, which escapes can double, and some fields around it.
    static let maximumBytes = 2 << 20

    var operations: [Operation] {
        [.open(.post, "/webhooks/ses", Self.documentation, receive)]
    }

    private static let documentation = Documentation(
        "Receives notifications of SES from SNS, authenticated by their signature",
        body: .init(schema: .string, contentType: "text/plain"),
        .json(.ok, "Stored durably.", receipt.reference),
        .json(.forbidden, "The signature, the topic or the time is not valid.", .error),
        .json(.badGateway, "The subscription could not be confirmed.", .error))

    private static let receipt = Resource<Void>("WebhookReceipt") {
        Field("status", .words(["ok"]), "Always `ok`: the message is stored, or was before.", example: "ok") { _ in "ok" }
    }

    private func receive(_ request: APIRequest) async throws -> Response {
        let body = try await request.body(upTo: Self.maximumBytes)
        // SNS sends text/plain; messages that are replayed by hand may have the right type.
        try request.checkContentType("text/plain", or: "application/json")
        switch try await receiver.receive(Array(body.readableBytesView)) {
        case .accepted: return .json { Self.receipt.write((), to: &$0) }
        case .malformed(let explanation): throw APIError(.badRequest, explanation)
        case .refused(let explanation): throw APIError(.forbidden, explanation)
        case .confirmationFailed: throw APIError(.badGateway, "The subscription could not be confirmed")
        case .unavailable(let explanation): throw APIError(.serviceUnavailable, explanation, headers: [.retryAfter: "1"])
        }
    }
}
