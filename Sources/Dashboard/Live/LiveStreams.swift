import Access
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Streams of server-sent events (HTML standard section 9.2), each with a part of a page to update.
///
/// A stream ends with its session, with the program, and when the browser disconnects. The number of streams is limited; a page without a
/// stream is not updated.
final class LiveStreams: Sendable {
    struct Part: Sendable {
        /// The `data-part` of the element that shows it.
        let name: String
        let markup: String
    }

    /// The limits for a node, and for one session.
    static let most = (all: 200, session: 4)
    private static let interval = Duration.seconds(2)

    private let sessions: SessionService
    private let open = Mutex<[String: Int]>([:])
    private let interval: Duration

    init(sessions: SessionService, interval: Duration = LiveStreams.interval) {
        self.sessions = sessions
        self.interval = interval
    }

    /// - Parameter parts: returns the present parts; called every two seconds.
    func response(for request: DashboardRequest, _ parts: @escaping @Sendable () async throws -> [Part]) -> Response {
        // After 204 a browser does not reconnect.
        guard enter(request.secret) else { return Response(status: .noContent) }
        let secret = request.secret
        let body = ResponseBody { [self] writer in
            defer { leave(secret) }
            var last: [String: String] = [:]
            // The first bytes, so that the browser sees the stream begin; the page has the present parts already.
            try await writer.write(ByteBuffer(string: "retry: 5000\n\n"))
            for await _ in ticks.cancelOnGracefulShutdown() {
                guard try await sessions.session(secret: secret, isUse: false) != nil else { break }
                let changed = try await parts().filter { last[$0.name] != $0.markup }
                for part in changed { last[part.name] = part.markup }
                // A comment where nothing changed, to detect browsers that have disconnected.
                try await writer.write(ByteBuffer(string: changed.isEmpty ? ":\n\n" : changed.map(Self.event).joined()))
            }
            try await writer.write(ByteBuffer(string: "event: end\ndata:\n\n"))
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private var ticks: AsyncStream<Void> {
        AsyncStream { [interval] in try? await Task.sleep(for: interval) }
    }

    private static func event(_ part: Part) -> String {
        let lines = part.markup.split(whereSeparator: \.isNewline).map { "data: \($0)\n" }.joined()
        return "event: \(part.name)\n\(lines)\n"
    }

    private func enter(_ secret: String) -> Bool {
        open.withLock { open in
            let own = open[secret] ?? 0
            guard own < Self.most.session, open.values.reduce(0, +) < Self.most.all else { return false }
            open[secret] = own + 1
            return true
        }
    }

    private func leave(_ secret: String) {
        open.withLock { open in
            let rest = (open[secret] ?? 1) - 1
            open[secret] = rest == 0 ? nil : rest
        }
    }
}
