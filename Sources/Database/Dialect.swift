/// What the engines say differently, as words to put into a statement.
public struct Dialect: Sendable, Equatable {
    public var name: String
    /// The type of an integer of 64 bits.
    public var integer: String
    /// The type of an integer key that the database counts up.
    public var identity: String
    public var real: String
    public var blob: String
    /// Behind a table with a primary key of its own, where rows are to lie in the key's order.
    public var clusteredByKey: String
    /// Behind a `SELECT` whose rows the transaction is going to change.
    public var forUpdate: String
    /// Behind a `SELECT` whose rows the transaction is going to change, their keys excepted: rows that refer to them may still be added.
    public var forChange: String { forUpdate.isEmpty ? "" : " FOR NO KEY UPDATE" }
    /// Behind a `SELECT` that claims rows: others' claims are passed over rather than waited for.
    public var forUpdateSkipLocked: String
    /// Keeps other nodes from changing the schema until the transaction ends; empty where there are no other nodes.
    public var schemaLock: String
    /// How a table is kept in parts; `nil` where each table is one.
    public var partitioning: Partitioning?
    /// A query for the tables that are ours, in the order in which they were made: table, column, type, and the column's place in the
    /// primary key from 1, or 0.
    public var catalogue: String
    /// A query for the tables whose key the database counts up: table, and the last number given.
    public var identityCounters: String
    /// A query that makes the counter of table `?1` go on after the number `?2`.
    public var setIdentityCounter: String
    /// A query for the server's own time, in microseconds since 1970; `nil` where the database lies in this process.
    public var presentTime: String?

    public init(
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
    public var hasOneWriter: Bool { forUpdate.isEmpty }
}
