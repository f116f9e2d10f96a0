import Database

import class GRDB.DatabaseQueue

extension SQLiteDatabase {
    /// Whether another process, or another connection of this one, has the file open.
    ///
    /// In WAL mode every connection holds a shared lock on the file for as long as it lives, which an exclusive connection does not get past
    /// (sqlite.org, "Write-Ahead Logging", section 6.3).
    package static func isInUse(path: String) throws -> Bool {
        do {
            let connection = try DatabaseQueue(path: path)
            defer { try? connection.close() }
            try connection.inDatabase { connection in
                try connection.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
            }
            return false
        } catch {
            let error = DatabaseError.mapping(error)
            if (error as? DatabaseError)?.code == .busy { return true }
            throw error
        }
    }
}
