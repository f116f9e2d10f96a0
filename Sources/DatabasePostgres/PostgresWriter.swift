package import Database
import Glibc

/// A connection that writes, for as long as it is lent.
package struct PostgresWriter: DatabaseWriter {
    /// A transaction that was in another's way is run again this often before the caller is told.
    private static let attempts = 5

    package let connection: PostgresConnection
    let settings: PostgresSettings
    let willRepeat: () -> Void

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

    /// A connection that can't roll back is broken, and the server does it.
    private func rollBack() {
        do {
            try connection.command("ROLLBACK")
        } catch {
            connection.close()
        }
    }

    /// Finds out what became of a commit whose answer was lost. It is never guessed: a guess would count an email twice, or not at all.
    ///
    /// - Parameter number: of the commit's record; `nil` when nothing was written.
    /// - Throws: ``DatabaseError/Code/unavailable`` when nobody could be asked in time.
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
                // A thread of the driver's own: nobody else waits for it.
                usleep(100_000)
            }
        }
        throw DatabaseError(.unavailable, "the outcome of a commit is not known: \(error.message)")
    }
}
