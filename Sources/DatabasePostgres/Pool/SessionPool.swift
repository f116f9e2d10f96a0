import Database
import Synchronization

/// A pool of a bounded number of sessions.
///
/// A call that finds all of them in use waits for a bounded time.
final class SessionPool: Sendable {
    private typealias Waiter = CheckedContinuation<Session, any Error>

    private let settings: PostgresSettings
    private let breaks = SessionBreaks()
    private let pool: Mutex<Pool>

    private struct Pool {
        var state: PoolState<Session, Waiter>
        /// The calls that wait for the last session to be returned.
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    init(_ settings: PostgresSettings) {
        self.settings = settings
        pool = Mutex(Pool(state: PoolState(limit: settings.connections)))
    }

    /// Runs `body` on the thread of a session, which is borrowed for it.
    func use<Value: Sendable>(
        for purpose: SessionPurpose, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let session = try await borrow(for: purpose)
        do {
            let value = try await session.run(body)
            await giveBack(session, from: purpose)
            return value
        } catch {
            await giveBack(session, from: purpose)
            throw error
        }
    }

    private func borrow(for purpose: SessionPurpose) async throws -> Session {
        try await withCheckedThrowingContinuation { waiter in
            let (id, answer) = pool.withLock { pool in
                let id = pool.state.makeID()
                return (id, pool.state.borrow(waiter, id: id, for: purpose))
            }
            switch answer {
            case .lend(let session): waiter.resume(returning: session)
            case .make: waiter.resume(returning: Session(settings, breaks: breaks))
            case .wait: giveUp(id, after: settings.poolTimeout)
            case .refuse: waiter.resume(throwing: Self.closed)
            }
        }
    }

    private func giveUp(_ id: Int, after time: Duration) {
        // Unstructured: the waiter is suspended in a continuation. The task ends by itself, and does nothing where the waiter got a session.
        Task {
            try? await Task.sleep(for: time)
            let waiter = pool.withLock { $0.state.giveUp(id) }
            waiter?.resume(throwing: DatabaseError(.busy, "all connections to PostgreSQL are in use"))
        }
    }

    private func giveBack(_ session: Session, from purpose: SessionPurpose) async {
        switch pool.withLock({ $0.state.giveBack(session, from: purpose) }) {
        case .lend(let session, let waiter): waiter.resume(returning: session)
        case .keep: break
        case .discard:
            await session.close()
            resumeClosersIfDrained()
        }
    }

    /// Closes idle sessions, and waits for those in use.
    func close() async {
        let (sessions, waiters) = pool.withLock { $0.state.close() }
        for waiter in waiters { waiter.resume(throwing: Self.closed) }
        for session in sessions { await session.close() }
        await withCheckedContinuation { closer in
            pool.withLock { $0.closers.append(closer) }
            resumeClosersIfDrained()
        }
    }

    private func resumeClosersIfDrained() {
        let closers = pool.withLock { pool in
            guard pool.state.isDrained else { return [CheckedContinuation<Void, Never>]() }
            defer { pool.closers = [] }
            return pool.closers
        }
        for closer in closers { closer.resume() }
    }

    var counts: (lent: Int, idle: Int, waiting: Int) { pool.withLock { $0.state.counts } }

    private static let closed = DatabaseError(.closed, "the database was closed")
}
