/// Why storage could not take a command; nothing of it stays.
public enum StorageError: Error, Equatable {
    /// More commands wait than may: the caller should come back in a moment (503 with `Retry-After`).
    case overloaded
    /// A row does not read as what was written: a fault of ours, or somebody edited the database.
    case malformed(String)
}
