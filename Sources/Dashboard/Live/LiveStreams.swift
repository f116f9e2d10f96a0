import Access
import Concurrency
import Hummingbird
import Logging
import MailModel
import NIOCore
import ServiceLifecycle
import Synchronization
import Web

/// Streams of server-sent events (HTML standard section 9.2), each with a part of a page to update.
///
/// A stream ends with its session, with the program, and when the browser disconnects. The number of streams is limited, for a session and
/// for an account (``FairShares``); a page without a stream is not updated.
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
    private struct Open: Sendable {
        var sessions: [String: Int] = [:]
        var accounts = FairShares<String>(capacity: LiveStreams.most.all)
    }

    private let open = Mutex(Open())
    private let interval: Duration

    init(sessions: SessionService, interval: Duration = LiveStreams.interval) {
        self.sessions = sessions
        self.interval = interval
    }

    /// - Parameter parts: returns the present parts; called every two seconds.
    func response(for request: DashboardRequest, _ parts: @escaping @Sendable () async throws -> [Part]) -> Response {
        // After 204 a browser does not reconnect.
        let (secret, account) = (request.secret, request.session.principal.shareholder)
        let address = request.apiRequest.context.remoteAddress
        guard enter(secret, of: account) else { return Response(status: .noContent) }
        let body = ResponseBody { [self] writer in
            defer { leave(secret, of: account) }
            var last: [String: String] = [:]
            // The first bytes, so that the browser sees the stream begin; the page has the present parts already.
            try await writer.write(ByteBuffer(string: "retry: 5000\n\n"))
            for await _ in ticks.cancelOnGracefulShutdown() {
                guard try await sessions.session(secret: secret, from: address, isUse: false) != nil else { break }
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

    /// Counts a stream, unless the session or the account has its share already.
    func enter(_ secret: String, of account: String) -> Bool {
        open.withLock { open in
            let own = open.sessions[secret] ?? 0
            guard own < Self.most.session, open.accounts.take(1, for: account) else { return false }
            open.sessions[secret] = own + 1
            return true
        }
    }

    func leave(_ secret: String, of account: String) {
        open.withLock { open in
            let rest = (open.sessions[secret] ?? 1) - 1
            open.sessions[secret] = rest == 0 ? nil : rest
            open.accounts.release(1, of: account)
        }
    }
}
