import NIOCore
import Synchronization

/// The open connections, whose number is bounded, and which a shutdown ends gracefully.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a connection stays open.
    enum Admission { case open, full, quiescing }

    /// Adds a connection, unless there are too many or the shutdown has begun: then it has to be closed.
    func add(_ channel: any Channel) -> Admission {
        state.withLock { state in
            if state.isQuiescing { return .quiescing }
            guard state.channels.count < limit else { return .full }
            state.channels[ObjectIdentifier(channel)] = channel
            return .open
        }
    }

    func remove(_ channel: any Channel) {
        _ = state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Ends every connection once the requests that were read are answered.
    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        // As if the mail server had closed its side: earlier requests are still answered, later ones are not read.
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }
}
