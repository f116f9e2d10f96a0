import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// A customer's server that callbacks go to: `/callbacks/hang…` never answers, `/callbacks/fail…` answers 500, everything else 200.
struct CallbackReceiver: Sendable {
    static let path = "/callbacks/"
    private static let webhookID = HTTPField.Name("webhook-id")

    let log: AcceptanceLog?

    private struct Body: Decodable {
        var timestamp: Int
        var status: String?
    }

    func take(_ request: Request, _ body: ByteBuffer) async throws -> Response {
        let told = try JSONDecoder().decode(Body.self, from: Data(body.readableBytesView))
        let id = Self.webhookID.flatMap { request.headers[$0] } ?? "-"
        let path = request.uri.path
        log?.append("\(nowInMilliseconds()) \(told.timestamp) \(path) \(id) \(told.status ?? "-")")
        if path.hasPrefix(Self.path + "hang") {
            // Longer than any caller waits.
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
        }
        return Response(status: path.hasPrefix(Self.path + "fail") ? .internalServerError : .ok)
    }
}
