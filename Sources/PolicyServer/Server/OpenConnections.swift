import NIOCore
import Synchronization

/// The connections that are open, to bound their number and to end them in good order.
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

    enum Admission { case open, full, quiescing }

    /// Takes a connection in; otherwise it has to be closed.
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

    /// Lets every connection answer what it has read, and close.
    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        // As if the mail server had said its last word: what came before is still answered, what comes after is not read.
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }
}
