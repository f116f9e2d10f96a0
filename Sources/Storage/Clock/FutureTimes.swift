import Database
import MailModel

/// A kind of stored time that is never far in the future, unless a clock that was ahead has written it: a lease of 60 days, a check of next
/// month.
///
/// Work that waits for such a time would stop until then.
///
/// Counters of domains and claims of scheduled jobs are not among them: they are corrected when they are next read.
package enum FutureTime: String, Sendable, CaseIterable {
    /// Attempts, retries and leases of emails; scheduled emails wait for the requested time.
    case emails
    case callbacks
    /// Receivers of callbacks that are paused, or whose next callback waits.
    case receivers
    case suppressionChanges = "suppression_changes"
    /// Idempotency keys that would hold for too long.
    case idempotencyKeys = "idempotency_keys"
    /// Confirmations that could not be mailed again.
    case subscriptions
    case senders
    case domains
    /// Days that would stay in the window of an account's reputation for too long.
    case reputationDays = "reputation_days"
    /// Reviews after which an account would not be judged.
    case reviews
    /// Checks of template versions, which would stay unused.
    case templateVersions = "template_versions"

    /// The longest wait of retries and leases.
    static let longestWait: Duration = .seconds(86_400)

    /// The rows' key, and the table with the condition: times later than `?1` are too far in the future.
    fileprivate var rows: (key: String, source: String) {
        switch self {
        case .emails: ("id", "emails WHERE due_at > ?1 AND status <> '\(EmailStatus.scheduled.rawValue)'")
        case .callbacks: ("id, lane_id", "callback_deliveries WHERE due_at > ?1")
        case .receivers: ("id", "callback_lanes WHERE due_at > ?1 OR paused_until > ?1")
        case .suppressionChanges: ("address", "ses_suppression_changes WHERE due_at > ?1")
        case .idempotencyKeys: ("account_id, key", "idempotency_keys WHERE created_at > ?1")
        case .subscriptions: ("id", "subscriptions WHERE confirmed_at IS NULL AND mailed_at > ?1")
        case .senders: ("id", "senders WHERE checked_at > ?1 OR requested_at > ?1")
        case .domains:
            (
                "id",
                """
                domains WHERE verification_checked_at > ?1 OR verification_requested_at > ?1
                    OR warmup_started_on * \(Timestamp.millisecondsPerDay) > ?1
                """
            )
        case .reputationDays: ("account_id, day", "account_days WHERE day * \(Timestamp.millisecondsPerDay) > ?1")
        case .reviews: ("id", "accounts WHERE lifted_at > ?1")
        case .templateVersions: ("id", "template_versions WHERE check_at > ?1")
        }
    }

    /// How far in the future these times may be.
    fileprivate var farthest: Duration {
        switch self {
        case .emails, .callbacks, .receivers, .suppressionChanges, .templateVersions: Self.longestWait
        case .idempotencyKeys, .subscriptions, .senders, .domains, .reputationDays, .reviews: OutboundCounters.tolerance
        }
    }
}

extension ReadableTransaction {
    /// The stored times that are too far in the future.
    package var futureTimes: FutureTimes<Self> { FutureTimes(tx: self) }
}

/// The times in all tables that are too far in the future, because a clock that was ahead has written them.
package struct FutureTimes<Tx: ReadableTransaction> {
    let tx: Tx
}

extension FutureTimes {
    /// Whether there are times of this kind that are too far in the future.
    package func contains(_ kind: FutureTime) throws -> Bool {
        try !future(kind, limit: 1) { _ in true }.isEmpty
    }

    fileprivate func future<Key>(_ kind: FutureTime, limit: Int, _ key: (any DatabaseRow) throws -> Key) throws -> [Key] {
        try tx.sql.query(
            "SELECT \(kind.rows.key) FROM \(kind.rows.source) LIMIT ?2", [.timestamp(tx.now + kind.farthest), .integer(limit)], key)
    }
}

extension FutureTimes where Tx == Transaction {
    /// Sets some of the times that are too far in the future to the present.
    ///
    /// - Returns: how many were set; `limit` where there may be more.
    package func bringBack(_ kind: FutureTime, limit: Int) throws -> Int {
        // Counts of this transaction belong to rows that may be moved.
        try tx.flush()
        switch kind {
        case .emails: return try each(future(kind, limit: limit) { try $0.emailID(0) }, bringBackEmail)
        case .callbacks: return try each(future(kind, limit: limit) { (try $0.id(0), $0.integer(1)) }, bringBackCallback)
        case .receivers:
            let change = "due_at = CASE WHEN due_at > ?2 THEN ?2 ELSE due_at END, paused_until = NULL"
            return try each(future(kind, limit: limit) { .integer($0.integer(0)) }) { try set(change, of: "callback_lanes", "id", $0) }
        case .suppressionChanges:
            return try each(future(kind, limit: limit) { .text($0.text(0)) }) {
                try set("due_at = ?2", of: "ses_suppression_changes", "address", $0)
            }
        case .idempotencyKeys:
            return try each(future(kind, limit: limit) { ($0.integer(0), $0.text(1)) }, bringBackIdempotencyKey)
        case .subscriptions:
            return try each(future(kind, limit: limit) { .blob($0.blob(0)) }) { try set("mailed_at = ?2", of: "subscriptions", "id", $0) }
        case .senders:
            let change = "checked_at = 0, requested_at = CASE WHEN requested_at > ?2 THEN ?2 ELSE requested_at END"
            return try each(future(kind, limit: limit) { .integer($0.integer(0)) }) { try set(change, of: "senders", "id", $0) }
        case .domains: return try each(future(kind, limit: limit) { $0.integer(0) }, bringBackDomain)
        case .reputationDays:
            return try each(
                future(kind, limit: limit) { .init(accountID: $0.integer(0), day: CalendarDay(number: $0.integer(1))) },
                bringBackReputation)
        case .reviews: return try each(future(kind, limit: limit) { $0.integer(0) }, tx.reputation.restartWindow)
        case .templateVersions:
            return try each(future(kind, limit: limit) { .blob($0.blob(0)) }) {
                try set("check_at = ?2", of: "template_versions", "id", $0)
            }
        }
    }

    private func each<Key>(_ keys: [Key], _ body: (Key) throws -> Void) rethrows -> Int {
        for key in keys { try body(key) }
        return keys.count
    }

    private func set(_ change: String, of table: String, _ column: String, _ key: DatabaseValue) throws {
        try tx.sql.execute("UPDATE \(table) SET \(change) WHERE \(column) = ?1", [key, .timestamp(tx.now)])
    }

    /// An attempt counts as one whose node has died: the next one waits for its outcome.
    private func bringBackEmail(_ id: EmailID) throws {
        guard var email = try tx.emails.findForUpdate(id), let dueAt = email.dueAt, dueAt > tx.now + FutureTime.longestWait else { return }
        email.dueAt = tx.now
        try tx.emails.update(email)
    }

    private func bringBackCallback(_ id: CallbackID, queue: Int64) throws {
        try tx.sql.execute(
            "UPDATE callback_deliveries SET due_at = ?2 WHERE id = ?1 AND due_at > ?3",
            [.id(id), .timestamp(tx.now), .timestamp(tx.now + FutureTime.longestWait)])
        tx.receiverQueueCache.change(queue, .due)
    }

    private func bringBackIdempotencyKey(_ accountID: Int64, _ key: String) throws {
        try tx.sql.execute(
            "UPDATE idempotency_keys SET created_at = ?3 WHERE account_id = ?1 AND key = ?2 AND created_at > ?3",
            [.integer(accountID), .text(key), .timestamp(tx.now)])
    }

    private func bringBackDomain(_ id: Int64) throws {
        guard var domain = try tx.domains.find(id) else { return }
        if let checked = domain.verification.checkedAt, checked > tx.now { domain.verification.checkedAt = nil }
        domain.verification.requestedAt = domain.verification.requestedAt.map { min($0, tx.now) }
        domain.outbound.warmupStartedOn = domain.outbound.warmupStartedOn.map { min($0, tx.now.day) }
        tx.domains.update(domain)
    }

    private func bringBackReputation(_ row: ReputationCache.Row) throws {
        let found = try tx.sql.first(
            "DELETE FROM account_days WHERE account_id = ?1 AND day = ?2 RETURNING sent, bounces, complaints",
            [.integer(row.accountID), .integer(row.day.number)]
        ) { ReputationCounts(sent: $0.integer(0), bounces: $0.integer(1), complaints: $0.integer(2)) }
        if let found { try tx.reputation.add(found, to: ReputationCache.Row(accountID: row.accountID, day: tx.now.day)) }
    }
}
