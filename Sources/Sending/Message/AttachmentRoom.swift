import Synchronization

/// Room in memory for attachments: a message with large ones waits until those before it are gone.
///
/// In the order of their coming, so that a large one is not passed over for ever.
final class AttachmentRoom: Sendable {
    /// Bytes of attachments, decoded, that messages under way may have together. In its wire form and in the form that SES takes a message has
    /// about six times as many.
    static let bytes = 32 << 20

    private struct State {
        var free: Int
        var waiting: [(bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let bytes: Int
    private let state: Mutex<State>

    init(bytes: Int = AttachmentRoom.bytes) {
        self.bytes = bytes
        state = Mutex(State(free: bytes))
    }

    /// Whether somebody waits for room.
    var isFull: Bool { state.withLock { !$0.waiting.isEmpty } }

    /// Waits for room, which is to be given back. More than there is at all gets all of it.
    func take(_ wanted: Int) async {
        let wanted = min(wanted, bytes)
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.waiting.isEmpty, state.free >= wanted else {
                    state.waiting.append((wanted, continuation))
                    return false
                }
                state.free -= wanted
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack(_ taken: Int) {
        let next = state.withLock { state in
            state.free += min(taken, bytes)
            var next: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiting.first, first.bytes <= state.free {
                state.free -= first.bytes
                next.append(first.continuation)
                state.waiting.removeFirst()
            }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}
