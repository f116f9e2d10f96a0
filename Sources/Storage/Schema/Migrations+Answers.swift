import Database

extension Migrations {
    /// What a request with an `Idempotency-Key` was answered first (``FirstAnswer``). Null where an earlier version took the key.
    static let answers = Migration("0014-answers") { _ in
        ["ALTER TABLE idempotency_keys ADD COLUMN answer TEXT"]
    }

    /// The one row that is written where nothing else was for a while, to find out whether anything can be.
    static let writeProbe = Migration("0015-write-probe") { dialect in
        let integer = dialect.integer
        return ["CREATE TABLE write_probe (id \(integer) PRIMARY KEY, written_at \(integer) NOT NULL, filling \(dialect.blob) NOT NULL)"]
    }
}
