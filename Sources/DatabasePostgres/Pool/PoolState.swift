/// What a session is borrowed for.
package enum SessionPurpose: Sendable {
    /// Queries, of which any number may come at once, and some take long.
    case reading
    /// The group commit, housekeeping, notifications: few calls, of which each is waited for by many.
    case writing
}

/// Who has which session, as a state machine: events go in, actions come out, nothing waits here.
///
/// A part of the sessions is reserved for writing: readers never hold all of them, however many come and however slow they are.
///
/// - `Session`: what is lent. `Waiter`: how to tell whoever waits for one.
package struct PoolState<Session, Waiter> {
    private let limit: Int
    /// How many sessions readers may hold at the same time.
    private let readerLimit: Int
    private var idle: [Session] = []
    private var opened = 0
    private var reading = 0
    private var waiting: [(id: Int, purpose: SessionPurpose, waiter: Waiter)] = []
    private var nextID = 0
    private var isClosed = false

    /// - Parameter limit: how many sessions there are at the most. Up to two of them are reserved for writing; of a single one none is.
    package init(limit: Int) {
        self.limit = limit
        readerLimit = limit - min(2, limit / 2)
    }

    package enum Borrowing {
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
    package mutating func borrow(_ waiter: Waiter, id: Int, for purpose: SessionPurpose) -> Borrowing {
        if isClosed { return .refuse }
        guard mayLend(for: purpose), !idle.isEmpty || opened < limit else {
            waiting.append((id, purpose, waiter))
            return .wait
        }
        if purpose == .reading { reading += 1 }
        // The one used last: its caches are warm, and the others may rest.
        if let session = idle.popLast() { return .lend(session) }
        opened += 1
        return .make
    }

    private func mayLend(for purpose: SessionPurpose) -> Bool {
        purpose == .writing || reading < readerLimit
    }

    /// How many sessions are lent, how many are idle, and how many calls wait.
    package var counts: (lent: Int, idle: Int, waiting: Int) { (opened - idle.count, idle.count, waiting.count) }

    package mutating func makeID() -> Int {
        nextID += 1
        return nextID
    }

    package enum Return {
        case lend(Session, to: Waiter)
        case keep
        /// The session is to be closed.
        case discard
    }

    /// A session comes back from what it was borrowed for. The first who waits to write gets it, else the first who waits to read and may.
    package mutating func giveBack(_ session: Session, from purpose: SessionPurpose) -> Return {
        if purpose == .reading { reading -= 1 }
        if isClosed {
            opened -= 1
            return .discard
        }
        guard let index = waiting.firstIndex(where: { $0.purpose == .writing }) ?? waiting.firstIndex(where: { mayLend(for: $0.purpose) })
        else {
            idle.append(session)
            return .keep
        }
        let next = waiting.remove(at: index)
        if next.purpose == .reading { reading += 1 }
        return .lend(session, to: next.waiter)
    }

    /// A waiter's time is over.
    ///
    /// - Returns: the waiter, to be told so; `nil` when it was served in the meantime.
    package mutating func giveUp(_ id: Int) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// - Returns: the sessions to be closed now, and who waits in vain. Those that are lent are closed when they come back.
    package mutating func close() -> (sessions: [Session], waiters: [Waiter]) {
        isClosed = true
        defer {
            opened -= idle.count
            idle = []
            waiting = []
        }
        return (idle, waiting.map(\.waiter))
    }

    /// Whether no session is left after ``close()``.
    package var isDrained: Bool { isClosed && opened == 0 }
}
