import Database
package import MailModel

extension ReadContext {
    /// The latest emails of an account to a recipient that were delivered or bounced, newest first.
    ///
    /// - Parameters:
    ///   - since: only those accepted since.
    ///   - limit: at most this many.
    package func latestOutcomes(
        to recipient: EmailAddress, accountID: Int64, since: Timestamp, limit: Int
    ) throws -> [(id: EmailID, status: EmailStatus)] {
        try transaction.query(
            """
            SELECT id, status FROM emails WHERE recipient = ?1 AND id >= ?2 AND account_id + 0 = ?3
                AND status || '' IN ('BOUNCED', 'DELIVERED', 'OPEN', 'CLICK', 'BOUNCED_PERMANENT', 'COMPLAINED')
            ORDER BY id DESC LIMIT ?4
            """,
            [.text(recipient.description), .id(.lowest(at: since)), .integer(accountID), .integer(limit)]
        ) { (try $0.emailID(0), try $0.choice(1)) }
    }

    /// SES's words in an email's timeline about what led to a status.
    package func details(of status: EmailStatus, on id: EmailID) throws -> [String] {
        try transaction.query(
            "SELECT details FROM timeline WHERE email_id = ?1 AND status = ?2 AND details IS NOT NULL",
            [.id(id), .text(status.rawValue)]
        ) { $0.text(0) }
    }
}

extension WriteContext {
    /// Takes an address off an account's list where it stands for soft bounces in a row.
    package func liftSoftBounceSuppression(of address: EmailAddress, accountID: Int64) throws {
        try flushSuppressions()
        suppressed.removeAll()
        try transaction.execute(
            "DELETE FROM suppressions WHERE account_id = ?1 AND address = ?2 AND sender = '' AND reason = ?3",
            [.integer(accountID), .text(address.suppressionKey), .text(SuppressionReason.softBounce.rawValue)])
    }
}
