package import CoreMetrics
package import Database
package import MailModel
package import Metering

/// The database as the services use it: ``read(_:)`` runs queries on a snapshot, ``write(_:_:)`` a command in the group commit.
///
/// Inside, what can be asked or changed belongs to a subject of the transaction: `tx.domains.find(named: name)`. No module above runs SQL.
package final class Store: Sendable {
    let database: any DatabaseEngine
    private let present: @Sendable () -> Timestamp
    let databaseClock: DatabaseClock?
    private let commits: GroupCommit<Transaction>
    private let wakeups: Wakeups
    private let failures: CounterTable<DatabaseFailure>
    let writeHealth: WriteHealth
    /// By this a running program is known among those that hold leases.
    let process = String(UInt64.random(in: .min ... .max), radix: 36)
    /// Set when a commit, of this node or another, has left something for the delivery.
    package var emailsQueued: Signal { wakeups.emails }
    /// Set when a commit, of this node or another, has left something for the dispatcher of callbacks.
    package var callbacksQueued: Signal { wakeups.callbacks }

    /// - Parameters:
    ///   - capacity: how many writes may wait for the disk before further ones are refused.
    ///   - largestBatch: how many writes share a transaction at the most.
    ///   - clock: the present time of every transaction.
    ///   - metrics: where commits and failures are counted.
    package convenience init(
        _ database: any DatabaseEngine, capacity: Int = 8192, largestBatch: Int = 256, clock: DatabaseClock,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            database, capacity: capacity, largestBatch: largestBatch, clock: { clock.now }, databaseClock: clock, metrics: metrics)
    }

    /// A store to which the present time is passed, for tests.
    ///
    /// - Parameters:
    ///   - capacity: how many writes may wait for the disk before further ones are refused.
    ///   - largestBatch: how many writes share a transaction at the most.
    ///   - clock: the present time.
    ///   - databaseClock: what ``clock`` and ``isWorkPaused`` tell of; `nil`: nothing ever pauses.
    ///   - monotonic: a clock that is never set, for ages.
    ///   - metrics: where commits and failures are counted.
    package init(
        _ database: any DatabaseEngine, capacity: Int = 8192, largestBatch: Int = 256,
        clock: @escaping @Sendable () -> Timestamp, databaseClock: DatabaseClock? = nil,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.database = database
        self.present = clock
        self.databaseClock = databaseClock
        failures = CounterTable("martlet_database_errors_total", metrics, from: DatabaseFailure.expected)
        let campaigns = KnownCampaigns()
        let writeHealth = WriteHealth(now: monotonic)
        self.writeHealth = writeHealth
        let wakeups = Wakeups(database.notifications)
        self.wakeups = wakeups
        commits = GroupCommit(
            database: database, capacity: capacity, largestBatch: largestBatch, health: writeHealth, metrics: metrics,
            begin: { sql, intents in
                let tx = Transaction(sql, now: clock(), campaigns: campaigns)
                try tx.prepare(for: intents)
                return tx
            },
            finish: { try $0.flush() },
            afterCommit: { tx in
                let (queued, found) = (tx.wakeups, tx.reportCache.found)
                return {
                    campaigns.remember(found)
                    wakeups.announce(queued)
                }
            })
    }

    /// The present time: the database's, which all nodes agree on.
    package var now: Timestamp { present() }

    /// Brings the schema up to this version's.
    ///
    /// - Returns: the names of the steps that were applied.
    @discardableResult
    package func migrate() async throws -> [String] {
        try await database.migrate(Migrations.all)
    }

    /// The schema's steps that ``migrate()`` would apply. Changes nothing.
    package func pendingMigrations() async throws -> [String] {
        do {
            return try await database.pending(Migrations.all)
        } catch {
            throw failed(error)
        }
    }

    /// Runs queries on one snapshot.
    ///
    /// - Throws: what `body` threw, or ``StorageError``.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> Value) async throws -> Value {
        do {
            return try await database.read { [present] sql in
                try body(ReadTransaction(sql, now: present()))
            }
        } catch {
            throw failed(error)
        }
    }

    /// Runs a command in the group commit; returns when it is durable.
    ///
    /// `body` may run more than once (see `GroupCommit`), so it must change nothing but the database.
    ///
    /// - Parameter intent: what it is going to change, where that is known and often changed by others: see ``WriteIntent``.
    /// - Throws: what `body` threw, or ``StorageError``; nothing of it stays then.
    package func write<Value: Sendable>(
        _ intent: WriteIntent = .none, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await commits.submit(intent, body)
        } catch {
            throw failed(error)
        }
    }

    /// Runs a step of housekeeping, at most some 500 rows: apart from the group commit, so that no command waits for it longer than for a commit.
    ///
    /// `body` may run more than once, as in ``write(_:_:)``. What only one node at a time is to do goes through a ``JobLease``.
    ///
    /// - Throws: what `body` threw, or ``StorageError``; nothing of it stays then.
    func step<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        do {
            return try await commits.step(body)
        } catch {
            throw failed(error)
        }
    }

    /// Hears from other nodes what their commits have left, until cancelled. On an engine without notifications there is nothing to hear.
    package func listen() async {
        await wakeups.listen()
    }

    /// Says it in storage's words, and counts it where it is the database's.
    func failed(_ error: any Error) -> any Error {
        if let error = error as? DatabaseError { failures.count(DatabaseFailure(code: error.code)) }
        return StorageError.mapping(error)
    }

    /// How this node's sessions of a database server are used; none where there is no server.
    package var sessionSamples: [MetricSample] {
        guard let usage = database.usage else { return [] }
        return [
            MetricSample("martlet_database_sessions", Double(usage.lent), ["lent"]),
            MetricSample("martlet_database_sessions", Double(usage.idle), ["idle"]),
            MetricSample("martlet_database_sessions_limit", Double(usage.limit)),
            MetricSample("martlet_database_sessions_awaited", Double(usage.waiting)),
            MetricSample("martlet_database_retries_total", Double(usage.repeated)),
        ]
    }

    package func close() async throws {
        try await database.close()
    }
}
