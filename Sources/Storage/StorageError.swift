import Database
package import MailModel

/// Why a command or query failed; a command is rolled back.
package enum StorageError: Error, Equatable {
    /// Too many commands wait: the caller may try again soon (503 with `Retry-After`).
    case overloaded
    /// The database does not answer, is locked by another process, or its disk is full: the caller may try again later (503 with `Retry-After`).
    case unavailable(String)
    /// A row cannot be decoded: a fault of this program, or the database was edited.
    case malformed(String)

    /// Whether the same command may succeed later.
    package var isTemporary: Bool {
        switch self {
        case .overloaded, .unavailable: true
        case .malformed: false
        }
    }
}

extension StorageError {
    /// Maps temporary failures of the database, so that no module above has to import Database.
    ///
    /// Other errors are returned unchanged.
    static func mapping(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError, error.isTemporary else { return error }
        return StorageError.unavailable(error.description)
    }
}

extension StorageError: RefusalConvertible {
    /// 503 for what may work in a moment.
    package var refusal: Refusal? {
        isTemporary ? Refusal(.unavailable, "The service is busy, try again in a moment", retryAfter: .seconds(1)) : nil
    }
}
