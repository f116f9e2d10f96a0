import Access
import AmazonSES
import Database
import DatabaseSQLite
import Outbound
import Runtime
import Storage

/// Why a command did not do what it was asked to: exit code 1.
struct CommandFailure: Error {
    var explanation: String

    init(_ explanation: String) {
        self.explanation = explanation
    }
}

/// Puts what the services and the system say about a failed command into a sentence for people.
func explainingFailures<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as OutboundError {
        throw CommandFailure(error.description)
    } catch let error as KeyError {
        throw CommandFailure(error.description)
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
