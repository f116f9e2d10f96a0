package import Database
import Glibc

/// A session that writes, while it is borrowed from the pool.
package struct PostgresWriter: DatabaseWriter {
    /// How often a transaction is run in all, where it fails by a deadlock or serialization failure.
    private static let attempts = 5

    /// The connection of the session.
    package let connection: PostgresConnection
    let settings: PostgresSettings
    let willRepeat: () -> Void

    /// Runs `body` in a transaction that is durable when this returns; again after a deadlock or serialization failure.
    package func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
        var attempt = 1
        while true {
            do {
                return try once(body)
            } catch  where connection.sawSerializationFailure && attempt < Self.attempts {
                attempt += 1
                willRepeat()
            }
        }
    }

    private func once<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
        try connection.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        let value: Value
        let number: Int64?
        do {
            let transaction = PostgresTransaction(connection)
            value = try body(transaction)
            try transaction.flush()
            number = try CommitRecord.write(on: connection)
        } catch {
            rollBack()
            throw error
        }
        do {
            connection.beforeCommit?()
            guard try !connection.commit({ try connection.command("COMMIT") }).isSafe else { return value }
            throw Self.notReplicated
        } catch let error as DatabaseError where error == Self.notReplicated || !connection.isUsable {
            guard try wasCommitted(number, after: error) else { throw error }
        }
        return value
    }

    private static let notReplicated = DatabaseError(.unavailable, "no standby has confirmed the commit")

    /// A connection that cannot roll back is closed: the server rolls back then.
    private func rollBack() {
        do {
            try connection.command("ROLLBACK")
        } catch {
            connection.close()
        }
    }

    /// Returns whether a commit whose answer was lost took place.
    ///
    /// It is never assumed: an email would be counted twice, or not at all.
    ///
    /// - Parameter number: the number of the commit's record; `nil` when nothing was written.
    /// - Throws: ``DatabaseError/Code/unavailable`` when no server could be queried in time.
    private func wasCommitted(_ number: Int64?, after error: DatabaseError) throws -> Bool {
        guard let number else { return true }
        let clock = ContinuousClock()
        let deadline = clock.now + settings.commitResolutionTimeout
        while clock.now < deadline {
            do {
                try connection.open()
                let (found, isSafe) = try connection.commit { try CommitRecord.read(on: connection) }
                guard isSafe else { throw Self.notReplicated }
                return found == number
            } catch {
                // This is the session's own thread.
                usleep(100_000)
            }
        }
        throw DatabaseError(.unavailable, "the outcome of a commit is not known: \(error.message)")
    }
}
