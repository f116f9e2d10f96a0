/// Who has which session, as a state machine: events go in, actions come out, nothing waits here.
///
/// - `Session`: what is lent. `Waiter`: how to tell whoever waits for one.
struct PoolState<Session, Waiter> {
    private let limit: Int
    private var idle: [Session] = []
    private var opened = 0
    private var waiting: [(id: Int, waiter: Waiter)] = []
    private var nextID = 0
    private var isClosed = false

    /// - Parameter limit: how many sessions there are at the most.
    init(limit: Int) {
        self.limit = limit
    }

    enum Borrowing {
        case lend(Session)
        /// A session is to be made and lent.
        case make
        /// All are lent: the waiter is told when one comes back.
        case wait
        case refuse
    }

    /// Somebody wants a session.
    ///
    /// - Parameter id: of the waiter, if it has to wait: see ``giveUp(_:)``.
    mutating func borrow(_ waiter: Waiter, id: Int) -> Borrowing {
        if isClosed { return .refuse }
        // The one used last: its caches are warm, and the others may rest.
        if let session = idle.popLast() { return .lend(session) }
        if opened < limit {
            opened += 1
            return .make
        }
        waiting.append((id, waiter))
        return .wait
    }

    /// How many sessions are lent, how many are idle, and how many calls wait.
    var counts: (lent: Int, idle: Int, waiting: Int) { (opened - idle.count, idle.count, waiting.count) }

    mutating func makeID() -> Int {
        nextID += 1
        return nextID
    }

    enum Return {
        case lend(Session, to: Waiter)
        case keep
        /// The session is to be closed.
        case discard
    }

    /// A session comes back.
    mutating func giveBack(_ session: Session) -> Return {
        if isClosed {
            opened -= 1
            return .discard
        }
        if !waiting.isEmpty { return .lend(session, to: waiting.removeFirst().waiter) }
        idle.append(session)
        return .keep
    }

    /// A waiter's time is over.
    ///
    /// - Returns: the waiter, to be told so; `nil` when it was served in the meantime.
    mutating func giveUp(_ id: Int) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// - Returns: the sessions to be closed now, and who waits in vain. Those that are lent are closed when they come back.
    mutating func close() -> (sessions: [Session], waiters: [Waiter]) {
        isClosed = true
        defer {
            opened -= idle.count
            idle = []
            waiting = []
        }
        return (idle, waiting.map(\.waiter))
    }

    /// Whether no session is left after ``close()``.
    var isDrained: Bool { isClosed && opened == 0 }
}
