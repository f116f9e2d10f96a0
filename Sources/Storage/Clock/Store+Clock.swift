import Database
package import MailModel
package import Metering

extension Store {
    /// Whether this node takes no work of its own at present, because its wall clock is not the database's: it delivers nothing, makes no
    /// callbacks and runs no scheduled jobs. What is under way is brought to its end.
    package var isWorkPaused: Bool { databaseClock?.pausesWork ?? false }

    /// The clock that all of the store's times come from; `nil` where a test passes the time.
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

    /// How far this machine's wall clock is off; none where a test passes the time.
    package var clockSamples: [MetricSample] {
        guard let databaseClock else { return [] }
        return [MetricSample("martlet_clock_offset_seconds", Double(databaseClock.offset.milliseconds) / 1000)]
    }
}

extension ReadContext {
    /// When the newest email was accepted, by its id; `nil` where there is none.
    package func newestEmailTime() throws -> Timestamp? {
        try transaction.first("SELECT id FROM emails ORDER BY id DESC LIMIT 1") { try $0.emailID(0).time }
    }
}
