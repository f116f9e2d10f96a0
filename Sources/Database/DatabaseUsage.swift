/// How much of a server's sessions is in use by this node.
public struct DatabaseUsage: Sendable, Equatable {
    /// The most there may be.
    public var limit: Int
    public var lent: Int
    public var idle: Int
    /// Calls that wait for one.
    public var waiting: Int
    /// Transactions that were run again because they were in another's way, since the start.
    public var repeated: Int

    public init(limit: Int, lent: Int, idle: Int, waiting: Int, repeated: Int) {
        self.limit = limit
        self.lent = lent
        self.idle = idle
        self.waiting = waiting
        self.repeated = repeated
    }
}
