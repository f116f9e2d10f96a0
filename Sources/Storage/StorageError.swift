import Database

/// Why storage could not take a command; nothing of it stays.
package enum StorageError: Error, Equatable {
    /// More commands wait than may: the caller should come back in a moment (503 with `Retry-After`).
    case overloaded
    /// The database does not answer, is held by another process, or its disk is full: it may work again later (503 with `Retry-After`).
    case unavailable(String)
    /// A row does not read as what was written: a fault of ours, or somebody edited the database.
    case malformed(String)

    /// True where the same command may succeed later.
    package var isTemporary: Bool {
        switch self {
        case .overloaded, .unavailable: true
        case .malformed: false
        }
    }
}

extension StorageError {
    /// Says a database's temporary trouble in storage's own words, so that nobody above has to know the database. Other errors pass unchanged.
    static func mapping(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError, error.isTemporary else { return error }
        return StorageError.unavailable(error.description)
    }
}
