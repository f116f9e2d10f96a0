/// How much of a server's sessions is in use by this node.
package struct DatabaseUsage: Sendable, Equatable {
    /// The most there may be.
    package var limit: Int
    package var lent: Int
    package var idle: Int
    /// Calls that wait for one.
    package var waiting: Int
    /// Transactions that were run again because they were in another's way, since the start.
    package var repeated: Int

    package init(limit: Int, lent: Int, idle: Int, waiting: Int, repeated: Int) {
        self.limit = limit
        self.lent = lent
        self.idle = idle
        self.waiting = waiting
        self.repeated = repeated
    }
}
