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
    /// Behind a `SELECT` that claims rows: others' claims are passed over rather than waited for.
    public var forUpdateSkipLocked: String
    /// Keeps other nodes from changing the schema until the transaction ends; empty where there are no other nodes.
    public var schemaLock: String

    public init(
        name: String, integer: String, identity: String, real: String, blob: String,
        clusteredByKey: String, forUpdate: String, forUpdateSkipLocked: String, schemaLock: String
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
    }
}
