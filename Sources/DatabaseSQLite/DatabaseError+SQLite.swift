import Database

import struct GRDB.ResultCode

extension DatabaseError {
    /// Maps an error of SQLite.
    ///
    /// Errors that the transaction's body threw are returned unchanged.
    static func mapping(_ error: any Error) -> any Error {
        guard let error = error as? SQLiteError else { return error }
        return DatabaseError(code(of: error.resultCode), error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }

    /// The error of a failed call of SQLite.
    ///
    /// - Parameter sqliteCode: the result code of the call.
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
