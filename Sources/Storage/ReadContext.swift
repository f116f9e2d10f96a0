import Database
public import MailModel

/// The queries that change nothing, on one snapshot. It must not leave the closure it was passed to.
public class ReadContext {
    let transaction: any DatabaseTransaction
    /// When the transaction began, for the whole of it.
    public let now: Timestamp

    init(_ transaction: any DatabaseTransaction, now: Timestamp) {
        self.transaction = transaction
        self.now = now
    }
}
