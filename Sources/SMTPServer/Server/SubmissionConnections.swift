import MailModel
import NIOCore
import Synchronization

/// The open connections, whose number is bounded in all and for each client, and which a shutdown ends gracefully.
final class SubmissionConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var clients: [String: Int] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let clientLimit: Int

    init(limit: Int, clientLimit: Int) {
        self.limit = limit
        self.clientLimit = clientLimit
    }

    var count: Int { state.withLock { $0.channels.count } }

    /// Adds a connection.
    ///
    /// - Parameter client: what counts as one client.
    /// - Returns: false where there are too many, or the shutdown has begun: then it has to be closed.
    func add(_ channel: any Channel, of client: String) -> Bool {
        state.withLock { state in
            guard !state.isQuiescing, state.channels.count < limit, state.clients[client, default: 0] < clientLimit else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            state.clients[client, default: 0] += 1
            return true
        }
    }

    func remove(_ channel: any Channel, of client: String) {
        state.withLock { state in
            guard state.channels.removeValue(forKey: ObjectIdentifier(channel)) != nil, let count = state.clients[client] else { return }
            state.clients[client] = count > 1 ? count - 1 : nil
        }
    }

    /// Ends every connection, those with a message under way behind it.
    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(SubmissionSignal.quiesce) }
    }
}
