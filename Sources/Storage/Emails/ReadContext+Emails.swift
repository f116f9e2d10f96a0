import Database
public import MailModel

extension ReadContext {
    public func email(_ id: EmailID) throws -> Email? {
        try transaction.first("\(EmailRow.select) WHERE e.id = ?1", [.id(id)], EmailRow.decode)
    }

    /// What happened to an email, in the order of its times.
    public func timeline(of email: Email) throws -> [TimelineEntry] {
        let entries = try transaction.query(
            "SELECT status, at, explanation, details FROM timeline WHERE email_id = ?1 ORDER BY at, number", [.id(email.id)]
        ) { row in
            TimelineEntry(
                status: row.text(0), at: row.requiredTimestamp(1), explanation: row.optionalText(2), details: row.optionalText(3))
        }
        // Every email that was not ended or scheduled at once began as QUEUED; that entry is not stored.
        let initial = entries.first.flatMap { EmailStatus(rawValue: $0.status) }
        let beganQueued = initial != .blacklisted && initial != .scheduled && initial != .incomplete
        return (beganQueued ? [TimelineEntry(.queued, at: email.createdAt)] : []) + entries
    }

    /// Emails, newest first, without their bodies.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this one.
    ///   - limit: at most this many.
    public func emails(matching filter: EmailFilter, of accountID: Int64?, after: EmailID?, limit: Int) throws -> [Email] {
        var conditions = Conditions()
        if let accountID { conditions.add("e.account_id =", .integer(accountID)) }
        if let status = filter.status { conditions.add("e.status =", .text(status.rawValue)) }
        if let recipient = filter.recipient { conditions.add("e.recipient =", .text(recipient.description)) }
        if let sender = filter.sender { conditions.add("e.sender =", .text(sender.description)) }
        if let externalID = filter.externalID { conditions.add("e.external_id =", .text(externalID)) }
        if let clientID = filter.clientID { conditions.add("e.client_id =", .text(clientID)) }
        if let since = filter.since { conditions.add("e.id >=", .id(.lowest(at: since))) }
        if let until = filter.until { conditions.add("e.id <", .id(.lowest(at: until))) }
        if let after { conditions.add("e.id <", .id(after)) }
        if let tag = filter.tag {
            conditions.add(
                "EXISTS (SELECT 1 FROM email_tags t WHERE t.account_id = e.account_id AND t.email_id = e.id AND t.tag =", .text(tag), ")")
        }
        let limitParameter = conditions.parameter(.integer(limit))
        return try transaction.query(
            "\(EmailRow.selectSummary) \(conditions.clause) ORDER BY e.id DESC LIMIT \(limitParameter)", conditions.arguments,
            EmailRow.decode)
    }

    /// The email that SES knows under this id.
    public func emailID(sesMessageID: String) throws -> EmailID? {
        try transaction.first("SELECT email_id FROM ses_messages WHERE message_id = ?1", [.text(sesMessageID)]) { try $0.emailID(0) }
    }

    /// When the queue has something to do next, due or overdue; `nil` when it is empty.
    public func nextDue() throws -> Timestamp? {
        try transaction.first("SELECT due_at FROM emails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1") { $0.requiredTimestamp(0) }
    }
}

/// The `WHERE` of a query that is put together.
private struct Conditions {
    private var parts: [String] = []
    private(set) var arguments: [DatabaseValue] = []

    var clause: String {
        parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND ")
    }

    mutating func add(_ left: String, _ value: DatabaseValue, _ close: String = "") {
        parts.append("\(left) \(parameter(value))\(close)")
    }

    mutating func parameter(_ value: DatabaseValue) -> String {
        arguments.append(value)
        return "?\(arguments.count)"
    }
}
