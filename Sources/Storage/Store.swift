package import CoreMetrics
package import Database
package import MailModel
package import Metering
import Synchronization

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
    /// Whether work is held, as it was last read.
    let held = Atomic<Bool>(false)
    /// The name of this process among the holders of leases.
    let process = String(UInt64.random(in: .min ... .max), radix: 36)
    /// Set when a commit of this or another node has left emails to be delivered.
    package var emailsQueued: Signal { wakeups.emails }
    /// Set when a commit of this or another node has left callbacks to be dispatched.
    package var callbacksQueued: Signal { wakeups.callbacks }
    /// Set when a commit of this or another node has left notices to be mailed.
    package var noticesQueued: Signal { wakeups.notices }

    /// A store of a database.
    ///
    /// - Parameters:
    ///   - capacity: the most writes that may wait; further ones are refused.
    ///   - largestBatch: the most writes that share a transaction.
    ///   - clock: the clock of all transactions.
    ///   - metrics: where commits and failures are counted.
    package convenience init(
        _ database: any DatabaseEngine, capacity: Int = 8192, largestBatch: Int = 256, clock: DatabaseClock,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            database, capacity: capacity, largestBatch: largestBatch, clock: { clock.now }, databaseClock: clock, metrics: metrics)
    }

    /// A store with a clock of its own, for tests.
    ///
    /// - Parameters:
    ///   - capacity: the most writes that may wait; further ones are refused.
    ///   - largestBatch: the most writes that share a transaction.
    ///   - clock: the present time.
    ///   - databaseClock: the clock of ``clock`` and ``isWorkPaused``; `nil`: work never pauses.
    ///   - uptime: a monotonic clock, for ages.
    ///   - metrics: where commits and failures are counted.
    package init(
        _ database: any DatabaseEngine, capacity: Int = 8192, largestBatch: Int = 256,
        clock: @escaping @Sendable () -> Timestamp, databaseClock: DatabaseClock? = nil,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.database = database
        self.present = clock
        self.databaseClock = databaseClock
        failures = CounterTable("martlet_database_errors_total", metrics, from: DatabaseFailure.expected)
        let campaigns = KnownCampaigns()
        let quotas = KnownQuotas()
        let rowIDs = RowIDs()
        let erasureKey = ErasureKey()
        let writeHealth = WriteHealth(uptime: uptime)
        self.writeHealth = writeHealth
        let wakeups = Wakeups(database.notifications)
        self.wakeups = wakeups
        commits = GroupCommit(
            database: database, capacity: capacity, largestBatch: largestBatch, health: writeHealth, metrics: metrics,
            begin: { sql, intents in
                let tx = Transaction(sql, now: clock(), campaigns: campaigns, quotas: quotas, rowIDs: rowIDs, erasureKey: erasureKey)
                try tx.prepare(for: intents)
                return tx
            },
            finish: { try $0.flush() },
            afterCommit: { tx in
                let (queued, found, limited) = (tx.wakeups, tx.reportCache.found, tx.quotaCache.found)
                return {
                    campaigns.remember(found)
                    quotas.remember(limited)
                    wakeups.announce(queued)
                }
            })
    }

    /// The present time by the database, on which all nodes agree.
    package var now: Timestamp { present() }

    /// The name of the oldest migration: where it was applied, there was no database before.
    package static let firstMigration = "0001-first"

    /// Migrates the schema to this version's.
    ///
    /// - Returns: the names of the migrations that were applied.
    @discardableResult
    package func migrate() async throws -> [String] {
        try await database.migrate(Migrations.all)
    }

    /// Returns the names of the migrations that ``migrate()`` would apply.
    ///
    /// Changes nothing.
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
    /// `body` may run more than once (see ``GroupCommit``), so it must change nothing but the database.
    ///
    /// - Parameter intent: the rows that it is going to change, as far as they are known: see ``WriteIntent``.
    /// - Throws: what `body` threw, or ``StorageError``; it is rolled back then.
    package func write<Value: Sendable>(
        _ intent: WriteIntent = .none, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await commits.submit(intent, body)
        } catch {
            throw failed(error)
        }
    }

    /// Runs a command in the group commit, without a task, as ``write(_:_:)`` does.
    ///
    /// - Parameter answer: called once, on the writer's thread, which it must not hold up: with the value once it is durable, or with the error.
    package func write<Value: Sendable>(
        _ intent: WriteIntent, _ body: @escaping @Sendable (Transaction) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        commits.submit(intent, body) { [self] result in answer(result.mapError(failed)) }
    }

    /// Runs a step of housekeeping that changes up to about 500 rows, outside of the group commit, so that no command waits for it longer than for
    /// a commit.
    ///
    /// `body` may run more than once, as in ``write(_:_:)``. Steps that only one node at a time may run belong to a ``JobLease``.
    ///
    /// - Throws: what `body` threw, or ``StorageError``; it is rolled back then.
    func step<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        do {
            return try await commits.step(body)
        } catch {
            throw failed(error)
        }
    }

    /// Listens for the notifications of other nodes, until cancelled.
    ///
    /// On an engine without notifications it returns at once.
    package func listen() async {
        await wakeups.listen()
    }

    /// Maps an error to ``StorageError``, and counts it where it is one of the database.
    func failed(_ error: any Error) -> any Error {
        if let error = error as? DatabaseError { failures.count(DatabaseFailure(code: error.code)) }
        return StorageError.mapping(error)
    }

    /// The use of this node's sessions of a database server; empty where there is no server.
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

    /// Empties the log of the engine, which has what was deleted, where it has one.
    ///
    /// - Returns: false where another process or a long query still reads it.
    /// - Throws: ``StorageError``
    package func emptyLog() async throws -> Bool {
        do {
            return try await database.emptyLog()
        } catch {
            throw failed(error)
        }
    }

    /// Closes the database.
    package func close() async throws {
        try await database.close()
    }
}
