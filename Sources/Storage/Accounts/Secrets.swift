import Database

extension ReadableTransaction {
    /// The secrets that all nodes share.
    package var secrets: Secrets<Self> { Secrets(tx: self) }
}

/// The secrets that all nodes share, by which links are signed and the addresses of the audit log are hashed.
package struct Secrets<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Secrets {
    /// Returns the secret of a name; `nil` where no node has asked for it yet.
    func find(named name: String) throws -> [UInt8]? {
        try tx.sql.first("SELECT value FROM secrets WHERE name = ?1", [.text(name)]) { $0.blob(0) }
    }
}

extension Secrets where Tx == Transaction {
    /// Returns the secret of a name.
    ///
    /// The first node that asks determines it.
    ///
    /// - Parameter candidate: fresh random bytes, stored when there is no such secret yet.
    package func findOrInsert(named name: String, candidate: [UInt8]) throws -> [UInt8] {
        try tx.sql.execute(
            "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [.text(name), .blob(candidate)])
        return try tx.sql.first("SELECT value FROM secrets WHERE name = ?1", [.text(name)]) { $0.blob(0) } ?? candidate
    }
}
