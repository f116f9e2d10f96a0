package import Database

extension DatabaseClock {
    /// A clock for a database: it says the server's time where there is one.
    ///
    /// - Throws: `DatabaseError` where the server cannot be asked.
    package convenience init(for database: some DatabaseEngine, machine: MachineClocks = .system) async throws {
        self.init(hasServer: database.dialect.presentTime != nil, machine: machine)
        try await synchronize(with: database)
    }

    /// Reads the server's time in a session for readers; does nothing where there is no server.
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
        return reading.flatMap(take)
    }
}
