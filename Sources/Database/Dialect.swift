/// The parts of SQL in which the engines differ, to be put into statements.
package struct Dialect: Sendable, Equatable {
    /// The engine's name, for logs and settings.
    package var name: String
    /// The type of an integer of 64 bits.
    package var integer: String
    /// The type of an integer primary key that the database numbers.
    package var identity: String
    /// The type of a floating-point number of 64 bits.
    package var real: String
    /// The type of bytes.
    package var blob: String
    /// Follows the definition of a table whose rows are stored in the order of its primary key.
    package var clusteredByKey: String
    /// Follows a `SELECT` whose rows the transaction is going to change; empty where the engine has one writer.
    package var forUpdate: String
    /// Follows a `SELECT` whose rows the transaction is going to change except for their keys: rows that refer to them may still be added.
    package var forChange: String { forUpdate.isEmpty ? "" : " FOR NO KEY UPDATE" }
    /// Follows a `SELECT` of rows that the transaction is going to refer to: they are not deleted before it ends.
    package var forReference: String { forUpdate.isEmpty ? "" : " FOR KEY SHARE" }
    /// Follows a `SELECT` that claims rows: those that others have claimed are skipped.
    package var forUpdateSkipLocked: String
    /// A query that keeps other nodes from changing the schema until the transaction ends; empty where there are no other nodes.
    package var schemaLock: String
    /// The partitioning of tables; `nil` where the engine has none.
    package var partitioning: Partitioning?
    /// A query for the tables of this program, in the order of their creation: table, column, type, and the column's place in the
    /// primary key from 1, or 0.
    package var catalogue: String
    /// A query for the tables whose key the database numbers: table, and the last number.
    package var identityCounters: String
    /// A query that makes the numbering of table `?1` continue after the number `?2`.
    package var setIdentityCounter: String
    /// A query for the server's time, in microseconds since 1970; `nil` where there is no server.
    package var presentTime: String?
    /// A query for the lowest number of a transaction that is under way, and the number of this one; `nil` where the engine has one writer.
    package var oldestTransaction: String?

    /// Creates a dialect.
    package init(
        name: String, integer: String, identity: String, real: String, blob: String,
        clusteredByKey: String, forUpdate: String, forUpdateSkipLocked: String, schemaLock: String,
        catalogue: String, identityCounters: String, setIdentityCounter: String, partitioning: Partitioning? = nil,
        presentTime: String? = nil, oldestTransaction: String? = nil
    ) {
        self.name = name
        self.integer = integer
        self.identity = identity
        self.real = real
        self.blob = blob
        self.clusteredByKey = clusteredByKey
        self.forUpdate = forUpdate
        self.forUpdateSkipLocked = forUpdateSkipLocked
        self.schemaLock = schemaLock
        self.catalogue = catalogue
        self.identityCounters = identityCounters
        self.setIdentityCounter = setIdentityCounter
        self.partitioning = partitioning
        self.presentTime = presentTime
        self.oldestTransaction = oldestTransaction
    }

    /// Whether the engine has one writer, so that rows are never locked.
    package var hasOneWriter: Bool { forUpdate.isEmpty }
}
