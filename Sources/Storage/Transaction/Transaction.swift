import Database
package import MailModel

/// A transaction of either kind.
///
/// What can be asked in it belongs to a subject: `tx.domains.find(named: name)`.
///
/// Queries that change nothing are written for `some ReadableTransaction`; what changes something takes a ``Transaction``, so the compiler
/// refuses a change in a transaction that only reads.
package protocol ReadableTransaction {
    /// When the transaction began: the present time for the whole of it.
    var now: Timestamp { get }
    /// The connection, on which only Storage runs SQL.
    var connection: TransactionConnection { get }
    /// The transaction whose changes a query has to take into account; `nil` where nothing can be changed.
    var writing: Transaction? { get }
}

/// The connection of a transaction.
///
/// Only Storage can run SQL on it.
package struct TransactionConnection {
    let sql: any DatabaseTransaction
}

extension ReadableTransaction {
    var sql: any DatabaseTransaction { connection.sql }
}

/// Queries on one snapshot of the database.
///
/// It must not leave the closure it was passed to.
package struct ReadTransaction: ReadableTransaction {
    /// When the transaction began.
    package let now: Timestamp
    /// The connection, on which only Storage runs SQL.
    package let connection: TransactionConnection
    /// `nil`: nothing can be changed.
    package var writing: Transaction? { nil }

    init(_ sql: any DatabaseTransaction, now: Timestamp) {
        connection = TransactionConnection(sql: sql)
        self.now = now
    }
}

/// The queries and changes of one database transaction, which many commands may share.
///
/// It must not leave the closure it was passed to.
///
/// It is a unit of work: what many commands change, such as the counters of a domain, is read once, kept in the cache of its subject, and
/// written once by ``flush()``, however many commands count on it.
package final class Transaction: ReadableTransaction {
    /// When the transaction began.
    package let now: Timestamp
    /// The connection, on which only Storage runs SQL.
    package let connection: TransactionConnection
    /// The transaction itself.
    package var writing: Transaction? { self }

    var accountCache = AccountCache()
    var domainCache = DomainCache()
    var emailCache = EmailCache()
    var suppressionCache = SuppressionCache()
    var feedbackCache = FeedbackCache()
    var callbackCache = CallbackCache()
    var receiverQueueCache = ReceiverQueueCache()
    var reputationCache = ReputationCache()
    var quotaCache = AccountQuotaCache()
    var usageCache = UsageCache()
    var auditCache = AuditCache()
    var templateVersionCache = TemplateVersionCache()
    var reportCache: ReportCache
    /// What the process knows of accounts with limits.
    let quotasKnown: KnownQuotas
    /// What the process knows of the secret of erased addresses.
    let erasureKey: ErasureKey
    /// Whether this transaction may have inserted that secret.
    var hasInsertedErasureKey = false
    /// Whether this transaction has looked for that secret, and there is none.
    var hasNoErasureKey = false
    /// The workers that the commit wakes up.
    var wakeups: Set<Wakeup> = []

    /// Where the ids of new rows come from.
    let rowIDs: RowIDs
    /// The part that the ids of this transaction have in common.
    let rowIDLane = RowIDs.lane()

    init(
        _ sql: any DatabaseTransaction, now: Timestamp, campaigns: KnownCampaigns = KnownCampaigns(), quotas: KnownQuotas = KnownQuotas(),
        rowIDs: RowIDs = RowIDs(), erasureKey: ErasureKey = ErasureKey()
    ) {
        connection = TransactionConnection(sql: sql)
        self.now = now
        quotasKnown = quotas
        self.rowIDs = rowIDs
        self.erasureKey = erasureKey
        reportCache = ReportCache(known: campaigns)
    }

    /// Writes the pending changes of the caches, each in the order of its keys, so that two nodes never deadlock.
    func flush() throws {
        try emails.recordLate()
        try suppressions.flush()
        try domains.flush()
        try reputation.flush()
        try usage.flush()
        try receiverQueues.flush()
        try reports.flush()
        try templateVersions.flush()
    }
}
