import Feedback
import Hummingbird
import JSON
import Web

/// `/webhooks/ses`: what Amazon SNS delivers (specification 4.1).
///
/// There is no token: a message is believed for its signature. SNS takes every answer below 500 as delivered, so that a failure of ours has to be 5xx.
struct WebhookController: Sendable {
    let receiver: SNSReceiver

    /// SNS delivers at most 256 KiB of message, of which escapes can make twice that, and some fields around it.
    static let maximumBytes = 2 << 20

    var operations: [Operation] {
        [.open(.post, "/webhooks/ses", Self.documentation, receive)]
    }

    private static let documentation = Documentation(
        "Receives notifications of SES from SNS; believed by their signature",
        body: .init(schema: .string, contentType: "text/plain"),
        .json(.ok, "Taken in, and durable.", .object([.init("status", .words(["ok"]))])),
        .json(.forbidden, "Not believed.", .reference("Error")),
        .json(.badGateway, "The subscription could not be confirmed.", .reference("Error")))

    private func receive(_ call: APIRequest) async throws -> Response {
        let body = try await call.body(upTo: Self.maximumBytes)
        // SNS says text/plain; who replays a message by hand may say what it is.
        try call.checkContentType("text/plain", or: "application/json")
        switch try await receiver.receive(Array(body.readableBytesView)) {
        case .accepted: return .json { writer in writer.object { $0.member("status", "ok") } }
        case .malformed(let explanation): throw APIError(.badRequest, explanation)
        case .refused(let explanation): throw APIError(.forbidden, explanation)
        case .confirmationFailed: throw APIError(.badGateway, "The subscription could not be confirmed")
        case .unavailable(let explanation): throw APIError(.serviceUnavailable, explanation, headers: [.retryAfter: "1"])
        }
    }
}
