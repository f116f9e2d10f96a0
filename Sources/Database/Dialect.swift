/// What the engines say differently, as words to put into a statement.
package struct Dialect: Sendable, Equatable {
    package var name: String
    /// The type of an integer of 64 bits.
    package var integer: String
    /// The type of an integer key that the database counts up.
    package var identity: String
    package var real: String
    package var blob: String
    /// Behind a table with a primary key of its own, where rows are to lie in the key's order.
    package var clusteredByKey: String
    /// Behind a `SELECT` whose rows the transaction is going to change.
    package var forUpdate: String
    /// Behind a `SELECT` whose rows the transaction is going to change, their keys excepted: rows that refer to them may still be added.
    package var forChange: String { forUpdate.isEmpty ? "" : " FOR NO KEY UPDATE" }
    /// Behind a `SELECT` that claims rows: others' claims are passed over rather than waited for.
    package var forUpdateSkipLocked: String
    /// Keeps other nodes from changing the schema until the transaction ends; empty where there are no other nodes.
    package var schemaLock: String
    /// How a table is kept in parts; `nil` where each table is one.
    package var partitioning: Partitioning?
    /// A query for the tables that are ours, in the order in which they were made: table, column, type, and the column's place in the
    /// primary key from 1, or 0.
    package var catalogue: String
    /// A query for the tables whose key the database counts up: table, and the last number given.
    package var identityCounters: String
    /// A query that makes the counter of table `?1` go on after the number `?2`.
    package var setIdentityCounter: String
    /// A query for the server's own time, in microseconds since 1970; `nil` where the database lies in this process.
    package var presentTime: String?

    package init(
        name: String, integer: String, identity: String, real: String, blob: String,
        clusteredByKey: String, forUpdate: String, forUpdateSkipLocked: String, schemaLock: String,
        catalogue: String, identityCounters: String, setIdentityCounter: String, partitioning: Partitioning? = nil,
        presentTime: String? = nil
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
    }

    /// Whether the engine has one writer, of one process: then there is nobody to lock rows against.
    package var hasOneWriter: Bool { forUpdate.isEmpty }
}
