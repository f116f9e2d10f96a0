/// The purpose that a session is borrowed for.
package enum SessionPurpose: Sendable {
    /// Queries: any number at a time, some of them long.
    case reading
    /// The group commit, housekeeping, notifications: few at a time, each with many waiting for it.
    case writing
}

/// The state of a pool of sessions, as a pure state machine: events in, actions out.
///
/// A part of the sessions is reserved for writing: readers never have all of them, however many and slow they are.
///
/// - `Session`: a session. `Waiter`: the continuation of a call that waits for one.
package struct PoolState<Session, Waiter> {
    private let limit: Int
    /// The most sessions that readers may have at the same time.
    private let readerLimit: Int
    private var idle: [Session] = []
    private var opened = 0
    private var reading = 0
    private var waiting: [(id: Int, purpose: SessionPurpose, waiter: Waiter)] = []
    private var nextID = 0
    private var isClosed = false

    /// A pool without sessions yet.
    ///
    /// - Parameter limit: the most sessions. Up to two of them are reserved for writing; of a single one none is.
    package init(limit: Int) {
        self.limit = limit
        readerLimit = limit - min(2, limit / 2)
    }

    /// What is done for a call that wants a session.
    package enum Borrowing {
        /// It gets this one.
        case lend(Session)
        /// A session is to be made and lent.
        case make
        /// All are in use: the waiter is resumed when one is returned.
        case wait
        /// The pool is closed.
        case refuse
    }

    /// Borrows a session.
    ///
    /// - Parameter id: the id of the waiter, if it has to wait: see ``giveUp(_:)``.
    package mutating func borrow(_ waiter: Waiter, id: Int, for purpose: SessionPurpose) -> Borrowing {
        if isClosed { return .refuse }
        guard mayLend(for: purpose), !idle.isEmpty || opened < limit else {
            waiting.append((id, purpose, waiter))
            return .wait
        }
        if purpose == .reading { reading += 1 }
        // The one that was used last: its caches are warm.
        if let session = idle.popLast() { return .lend(session) }
        opened += 1
        return .make
    }

    private func mayLend(for purpose: SessionPurpose) -> Bool {
        purpose == .writing || reading < readerLimit
    }

    /// How many sessions are lent, how many are idle, and how many calls wait.
    package var counts: (lent: Int, idle: Int, waiting: Int) { (opened - idle.count, idle.count, waiting.count) }

    /// Returns an id for a waiter.
    package mutating func makeID() -> Int {
        nextID += 1
        return nextID
    }

    /// What is done with a session that is returned.
    package enum Return {
        /// The waiter gets it.
        case lend(Session, to: Waiter)
        /// It is idle.
        case keep
        /// The session is to be closed.
        case discard
    }

    /// Returns a session.
    ///
    /// The first call that waits to write gets it, else the first that waits to read and may.
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

    /// Removes a waiter whose time-out has expired.
    ///
    /// - Returns: the waiter, to be resumed with an error; `nil` when it got a session meanwhile.
    package mutating func giveUp(_ id: Int) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// Closes the pool.
    ///
    /// - Returns: the sessions to be closed now, and the waiters to be resumed with an error. Sessions in use are closed when they are returned.
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
