import Database
import JSON
package import MailModel

extension ReadableTransaction {
    /// The notices of all accounts.
    package var notices: Notices<Self> { Notices(tx: self) }
}

/// What accounts were told or are to be told (specification 7.3): the lines of the dashboard, and the outbox of the notices' emails.
///
/// A notice is inserted by the transaction that causes it, together with its callbacks, so that neither is lost.
package struct Notices<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Notices {
    /// Returns the latest notices, newest first.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func list(of accountID: Int64?, limit: Int) throws -> [StoredNotice] {
        let owner = accountID == nil ? "" : "WHERE n.account_id = ?2"
        return try tx.sql.query(
            "\(NoticeRow.select) \(owner) ORDER BY n.id DESC LIMIT ?1", [.integer(limit)] + (accountID.map { [.integer($0)] } ?? []),
            NoticeRow.decode
        ).compactMap(\.self)
    }

    /// Returns the notices that are not mailed yet, oldest first.
    ///
    /// They are not locked.
    package func listDue(limit: Int) throws -> [StoredNotice] {
        try tx.sql.query(
            "\(NoticeRow.select) WHERE n.mail_due_at IS NOT NULL ORDER BY n.mail_due_at, n.id LIMIT ?1", [.integer(limit)],
            NoticeRow.decode
        ).compactMap(\.self)
    }

    /// Returns when a notice of the same account, kind, level and subject was mailed last; `nil` for never.
    package func lastMailed(like stored: StoredNotice) throws -> Timestamp? {
        try tx.sql.first(
            """
            SELECT mailed_at FROM notices
            WHERE account_id = ?1 AND subject = ?2 AND kind = ?3 AND level = ?4 AND mailed_at IS NOT NULL ORDER BY mailed_at DESC LIMIT 1
            """,
            [
                .integer(stored.accountID), .text(stored.notice.subject), .text(stored.notice.event.rawValue),
                .text(stored.notice.level),
            ]
        ) { $0.requiredTimestamp(0) }
    }
}

extension Notices where Tx == Transaction {
    /// Inserts a notice for an account, and enqueues its callbacks; nothing where the account was told of the same by its
    /// ``AccountNotice/onceKey``.
    package func insert(_ notice: AccountNotice, for accountID: Int64) throws {
        let inserted = try tx.sql.execute(
            NoticeRow.insertStatement,
            [
                .integer(tx.newID()), .integer(accountID), .text(notice.event.rawValue), .text(notice.level), .text(notice.subject),
                .text(notice.explanation), .text(notice.details), .timestamp(tx.now), .text(notice.onceKey), .timestamp(tx.now),
            ])
        guard inserted == 1 else { return }
        try tx.callbacks.enqueue(notice, to: accountID)
        tx.wakeups.insert(.notices)
    }

    /// Tells an account, once a day for each host, that a receiver of its callbacks keeps failing.
    ///
    /// - Parameter url: the receiver's; of it only the host is told, since the rest may have secrets.
    func insertFailing(_ url: String, of accountID: Int64) throws {
        let host = CallbackURL.read(url)?.host ?? "an invalid URL"
        let notice = AccountNotice(
            .callbacksFailing, receiver: host,
            explanation: "Callbacks to \(host) keep failing: what it does not take within 28 hours is parked, and can be replayed.",
            onceKey: "callbacks \(tx.now.day.number) \(host)")
        try insert(notice, for: accountID)
    }

    /// Takes a notice out of the outbox, unless another node has done so.
    ///
    /// - Parameter isMailed: whether an email of it is sent.
    /// - Returns: false where another node was faster.
    package func finish(_ stored: StoredNotice, isMailed: Bool) throws -> Bool {
        try tx.sql.execute(
            "UPDATE notices SET mail_due_at = NULL, mailed_at = ?2 WHERE id = ?1 AND mail_due_at IS NOT NULL",
            [.integer(stored.id), .timestamp(isMailed ? tx.now : nil)]) == 1
    }

    /// Deletes up to `limit` notices that happened before `time`.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM notices WHERE created_at < ?1 AND id IN (
                SELECT id FROM notices WHERE created_at < ?1 ORDER BY created_at LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked))
            """, [.timestamp(time), .integer(limit)])
    }
}

extension AccountNotice {
    /// The figures of a notice as JSON, for the dashboard's row and the callback; `nil` where it has none.
    var details: String? {
        guard quota != nil || receiver != nil else { return nil }
        var writer = JSONWriter()
        writer.object { object in
            if let quota {
                object.member("period", quota.period.rawValue)
                object.member("level", quota.level.rawValue)
                object.member("limit", quota.limit)
                object.member("sent", quota.sent)
            }
            if let receiver { object.member("receiver", receiver) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// The row of a notice: its columns, and how they are read and written.
private enum NoticeRow {
    static let select = """
        SELECT n.id, n.account_id, a.reference, n.created_at, n.kind, n.subject, n.explanation, n.details
        FROM notices n JOIN accounts a ON a.id = n.account_id
        """

    static let insertStatement = """
        INSERT INTO notices (id, account_id, kind, level, subject, explanation, details, created_at, once_key, mail_due_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (account_id, once_key) WHERE once_key IS NOT NULL DO NOTHING
        """

    /// `nil` for a kind that only a later version knows.
    static func decode(_ row: any DatabaseRow) -> StoredNotice? {
        guard let event = AccountNotice.Event(rawValue: row.text(4)) else { return nil }
        let subject = row.text(5)
        var notice = AccountNotice(
            event, domain: subject.isEmpty ? nil : DomainName(validated: subject), explanation: row.text(6))
        if let object = row.optionalText(7).flatMap({ try? JSONValue.parse($0.utf8).objectValue }) {
            notice.receiver = object["receiver"]?.stringValue
            notice.quota = quota(object)
        }
        return StoredNotice(
            id: row.integer(0), accountID: row.integer(1), accountReference: row.text(2), at: row.requiredTimestamp(3), notice: notice)
    }

    private static func quota(_ object: JSONObject) -> QuotaUse? {
        guard let period = object["period"]?.stringValue.flatMap(QuotaUse.Period.init(rawValue:)),
            let level = object["level"]?.integerValue.flatMap(QuotaUse.Level.init(rawValue:)),
            let limit = object["limit"]?.integerValue, let sent = object["sent"]?.integerValue
        else { return nil }
        return QuotaUse(period: period, level: level, limit: limit, sent: sent)
    }
}
