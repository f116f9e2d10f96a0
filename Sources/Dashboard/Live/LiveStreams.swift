import Access
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Numbers that live: server-sent events (HTML standard section 9.2), each a part of a page anew.
///
/// A stream ends with its session, with the program, and when nobody listens. There are so many at once: who comes too late has a page that
/// stands still.
final class LiveStreams: Sendable {
    struct Part: Sendable {
        /// Of the element that is to show it, `data-part`.
        let name: String
        let markup: String
    }

    /// All of a node, and those of one session: a person has a few windows.
    static let most = (all: 200, session: 4)
    private static let interval = Duration.seconds(2)

    private let sessions: SessionService
    private let open = Mutex<[String: Int]>([:])
    private let interval: Duration

    init(sessions: SessionService, interval: Duration = LiveStreams.interval) {
        self.sessions = sessions
        self.interval = interval
    }

    /// - Parameter parts: what is new; asked for every other second.
    func response(for visit: DashboardRequest, _ parts: @escaping @Sendable () async throws -> [Part]) -> Response {
        // 204 is how a browser is told not to come back.
        guard enter(visit.secret) else { return Response(status: .noContent) }
        let secret = visit.secret
        let body = ResponseBody { [self] writer in
            defer { leave(secret) }
            var last: [String: String] = [:]
            // Another word for "begin": the page has these numbers already.
            try await writer.write(ByteBuffer(string: "retry: 5000\n\n"))
            for await _ in ticks.cancelOnGracefulShutdown() {
                guard try await sessions.session(secret: secret, isUse: false) != nil else { break }
                let news = try await parts().filter { last[$0.name] != $0.markup }
                for part in news { last[part.name] = part.markup }
                // A comment where nothing changed: by it a browser that is gone is noticed.
                try await writer.write(ByteBuffer(string: news.isEmpty ? ":\n\n" : news.map(Self.event).joined()))
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
