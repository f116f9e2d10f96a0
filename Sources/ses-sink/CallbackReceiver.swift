import FoundationEssentials
import Hummingbird
import NIOCore
import ServiceLifecycle

/// A customer's server that receives callbacks: `/callbacks/hang…` does not answer, `/callbacks/fail…` answers 500, other paths answer 200.
struct CallbackReceiver: Sendable {
    static let path = "/callbacks/"
    private static let webhookID = HTTPFields.Element.Name("webhook-id")

    let log: AcceptanceLog?

    private struct Body: Decodable {
        var timestamp: Int
        var status: String?
    }

    /// Logs and answers a callback.
    func receive(_ request: Request, _ body: ByteBuffer) async throws -> Response {
        let callback = try JSONDecoder().decode(Body.self, from: Data(body.readableBytesView))
        let id = Self.webhookID.flatMap { request.headers[$0] } ?? "-"
        let path = request.uri.path
        log?.append("\(AcceptanceLog.now()) \(callback.timestamp) \(path) \(id) \(callback.status ?? "-")")
        if path.hasPrefix(Self.path + "hang") {
            // Longer than the time-out of any caller.
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
        }
        return Response(status: path.hasPrefix(Self.path + "fail") ? .internalServerError : .ok)
    }
}
