package import Database
import MailModel
package import Metering

extension DatabaseClock {
    /// A clock of a database: of its server's time where there is one.
    ///
    /// - Throws: `DatabaseError` where the server does not answer.
    package convenience init(for database: some DatabaseEngine, machine: MachineClocks = .system) async throws {
        self.init(hasServer: database.dialect.presentTime != nil, machine: machine)
        try await synchronize(with: database)
    }

    /// Reads the server's time in a session that reads; does nothing where there is no server.
    ///
    /// - Returns: by how much the present time has jumped, where the server's clock was set.
    @discardableResult
    func synchronize(with database: some DatabaseEngine) async throws -> Duration? {
        guard let query = database.dialect.presentTime else { return nil }
        let reading = try await database.read { [self] transaction in
            let asked = monotonic
            let microseconds = try transaction.first(query) { $0.integer(0) }
            return microseconds.map { ClockReading(time: $0 * 1000, asked: asked, answered: self.monotonic) }
        }
        return reading.flatMap(apply)
    }
}

extension Store {
    /// Whether this node starts no work at present, because its wall clock differs from the database's or the database is held: it delivers no
    /// emails, makes no callbacks and runs no scheduled jobs.
    ///
    /// Work under way is finished.
    package var isWorkPaused: Bool { isHeld || isClockWrong }

    /// Whether this node's wall clock differs from the database's by more than it may.
    package var isClockWrong: Bool { databaseClock?.pausesWork ?? false }

    /// The clock of all transactions; `nil` where a test passes the time.
    package var clock: DatabaseClock? { databaseClock }

    /// Reads the database server's time again.
    ///
    /// - Returns: by how much the present time has jumped, where the server's clock was set.
    /// - Throws: ``StorageError``
    package func synchronizeClock() async throws -> Duration? {
        do {
            return try await databaseClock?.synchronize(with: database)
        } catch {
            throw failed(error)
        }
    }

    /// The offset of this machine's wall clock; empty where a test passes the time.
    package var clockSamples: [MetricSample] {
        guard let databaseClock else { return [] }
        return [MetricSample("martlet_clock_offset_seconds", Double(databaseClock.offset.milliseconds) / 1000)]
    }
}
