import Database

import struct GRDB.ResultCode

extension DatabaseError {
    /// Says in the program's words what SQLite said in its own. What the transaction's body threw passes unchanged.
    static func mapping(_ error: any Error) -> any Error {
        guard let error = error as? SQLiteError else { return error }
        return DatabaseError(code(of: error.resultCode), error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }

    /// - Parameter sqliteCode: what a call of SQLite returned.
    init(sqliteCode: Int32, message: String?) {
        let result = ResultCode(rawValue: sqliteCode)
        self.init(Self.code(of: result.primaryResultCode), message ?? "SQLite error \(sqliteCode)")
    }

    private static func code(of result: ResultCode) -> Code {
        switch result {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_NOMEM: .unavailable
        case .SQLITE_FULL: .full
        case .SQLITE_CONSTRAINT: .constraint
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        case .SQLITE_MISUSE: .closed
        default: .other
        }
    }
}
