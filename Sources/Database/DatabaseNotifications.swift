/// Words that the nodes on one database send each other, beside what they store.
///
/// A word may be lost or come twice. It wakes somebody who would have looked by himself a little later, and nothing may depend on it.
package protocol DatabaseNotifications: Sendable {
    /// Sends a word to everybody who listens, this node included.
    func send(_ word: String) async throws

    /// Calls `didHear` with every word that comes, until the task is cancelled. A connection that breaks is opened again.
    ///
    /// - Parameter didHear: gets `nil` when it listens again after a gap, in which words may have been missed.
    func listen(_ didHear: @escaping @Sendable (String?) -> Void) async
}

extension DatabaseEngine {
    package var notifications: (any DatabaseNotifications)? { nil }
}
