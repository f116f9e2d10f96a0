import AmazonSES
import Database
import DatabaseSQLite
import MailModel
import Runtime
import Storage

/// The failure of a command, which leads to the exit code 1.
struct CommandFailure: Error {
    /// The reason, for people.
    var explanation: String

    init(_ explanation: String) {
        self.explanation = explanation
    }
}

extension CommandFailure {
    /// Runs `body`, and throws a failure with an explanation in place of the errors of services, database and files.
    static func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw CommandFailure(refusal.explanation)
        } catch let error as SESError {
            throw CommandFailure("SES: \(error.code): \(error.message)")
        } catch let error as CopyError {
            throw CommandFailure("Not copied: \(error)")
        } catch let error as SQLiteServerLock.Held {
            throw CommandFailure(error.description)
        } catch let error as DatabaseError {
            throw CommandFailure("The database failed: \(error)")
        } catch let error as FileError {
            throw CommandFailure(error.description)
        }
    }
}
