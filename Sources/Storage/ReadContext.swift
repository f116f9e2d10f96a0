import Database
package import MailModel

/// The queries that change nothing, on one snapshot. It must not leave the closure it was passed to.
package class ReadContext {
    let transaction: any DatabaseTransaction
    /// When the transaction began, for the whole of it.
    package let now: Timestamp

    init(_ transaction: any DatabaseTransaction, now: Timestamp) {
        self.transaction = transaction
        self.now = now
    }
}
