import Database
package import MailModel

extension Emails {
    /// Returns emails, newest first, without their texts.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this one.
    ///   - limit: at most this many.
    package func list(matching filter: EmailFilter, of accountID: Int64?, after: EmailID?, limit: Int) throws -> [Email] {
        var search = EmailSearch(filter, of: accountID, after: after, limit: limit)
        let ids = search.needsAccount ? try idsOfAllAccounts(&search) : try ids(search)
        return try list(ids, EmailRow.selectSummary)
    }

    private func ids(_ search: EmailSearch) throws -> [EmailID] {
        let (sql, arguments) = search.statement
        return try tx.sql.query(sql, arguments) { try $0.emailID(0) }
    }

    /// Searches account by account, for the operator: the indexes begin with the account, so that no customer's search reads another's
    /// emails.
    ///
    /// What is found raises the lower bound, so that the searches in most accounts return little.
    private func idsOfAllAccounts(_ search: inout EmailSearch) throws -> [EmailID] {
        var best: [EmailID] = []
        var last: Int64 = 0
        while let account = try tx.sql.first(
            "SELECT id FROM accounts WHERE id > ?1 ORDER BY id LIMIT 1", [.integer(last)], { $0.integer(0) })
        {
            search.accountID = account
            best = Array((best + (try ids(search))).sorted(by: >).prefix(search.limit))
            if best.count == search.limit, let lowest = best.last { search.lowest = lowest }
            last = account
        }
        return best
    }
}

/// The statement of a search: it reads one index, in the order of the ids, and stops at its limit.
///
/// The index is chosen here and not by the database's planner, which without statistics may read a million delivered emails where the recipient
/// has three. The other conditions are written so that no index fits them.
struct EmailSearch {
    /// The condition whose index leads, the most selective one first.
    private enum Lead {
        case recipient, client, status, tag, external, sender, account, all
    }

    private let filter: EmailFilter
    var accountID: Int64?
    /// The lowest id that is returned.
    var lowest: EmailID?
    private let highest: EmailID?
    let limit: Int
    private let lead: Lead

    init(_ filter: EmailFilter, of accountID: Int64?, after: EmailID?, limit: Int) {
        self.filter = filter
        self.accountID = accountID
        lowest = filter.since.map(EmailID.lowest)
        highest = [after, filter.until.map(EmailID.lowest)].compactMap(\.self).min()
        self.limit = limit
        lead = Self.lead(of: filter, accountID: accountID)
    }

    private static func lead(of filter: EmailFilter, accountID: Int64?) -> Lead {
        if filter.recipient != nil { return .recipient }
        if filter.clientID != nil { return .client }
        // Bounces and complaints are few. Most emails are delivered: nearly any other condition is more selective then.
        if let status = filter.status, status != .delivered, status != .sent { return .status }
        if filter.tag != nil { return .tag }
        if filter.externalID != nil { return .external }
        if filter.sender != nil { return .sender }
        if filter.status != nil { return .status }
        return accountID == nil ? .all : .account
    }

    /// Whether it can only search one account at a time.
    var needsAccount: Bool {
        guard accountID == nil else { return false }
        return switch lead {
        case .client, .status, .tag, .external: true
        case .recipient, .sender, .account, .all: false
        }
    }

    /// The SQL text with its arguments.
    var statement: (sql: String, arguments: [DatabaseValue]) {
        var conditions = Conditions()
        let isByTag = lead == .tag
        if let account = accountID { conditions.add(accountColumn, .integer(account)) }
        if let recipient = filter.recipient { conditions.add(column("recipient", .recipient), .text(recipient.description)) }
        if let clientID = filter.clientID { conditions.add(column("client_id", .client), .text(clientID)) }
        if let externalID = filter.externalID { conditions.add(column("external_id", .external), .text(externalID)) }
        if let sender = filter.sender { conditions.add(column("sender", .sender), .text(sender.description)) }
        if let status = filter.status { add(status, to: &conditions) }
        if let tag = filter.tag { add(tag, to: &conditions) }
        let id = isByTag ? "t.email_id" : "e.id"
        conditions.add(id, is: "<", highest.map(DatabaseValue.id) ?? .aboveAllIDs)
        if let lowest { conditions.add(id, is: ">=", .id(lowest)) }
        let limit = conditions.parameter(.integer(limit))
        // A cross join is executed in the order in which it is written.
        let source = isByTag ? "email_tags t CROSS JOIN emails e" : "emails e"
        return ("SELECT \(id) FROM \(source) WHERE \(conditions.text) ORDER BY \(id) DESC LIMIT \(limit)", conditions.arguments)
    }

    private var accountColumn: String {
        switch lead {
        case .recipient, .sender: "e.account_id + 0"
        case .tag: "t.account_id"
        case .client, .status, .external, .account, .all: "e.account_id"
        }
    }

    /// The column's name; where its index does not lead, as an expression that no index has.
    private func column(_ name: String, _ lead: Lead) -> String {
        self.lead == lead ? "e.\(name)" : "e.\(name) || ''"
    }

    private func add(_ status: EmailStatus, to conditions: inout Conditions) {
        if lead == .status {
            // The condition of the partial index, word for word: otherwise the database does not use it.
            conditions.add(status.isPending ? "e.status IN (\(Self.pending))" : "e.status NOT IN (\(Self.pending))")
        }
        let leads = lead == .status && !status.isPending
        conditions.add(leads ? "e.status" : "e.status || ''", .text(status.rawValue))
    }

    private func add(_ tag: String, to conditions: inout Conditions) {
        if lead == .tag {
            conditions.add("e.id = t.email_id")
            conditions.add("t.tag", .text(tag))
        } else {
            let parameter = conditions.parameter(.text(tag))
            conditions.add(
                "EXISTS (SELECT 1 FROM email_tags t WHERE t.account_id = e.account_id AND t.tag = \(parameter) AND t.email_id = e.id)")
        }
    }

    /// The statuses of emails that are not sent yet, as the schema has them.
    static let pending = "'SCHEDULED', 'QUEUED', 'DEQUEUED'"
}

/// The conditions of a `WHERE` clause, and the values of its parameters.
struct Conditions {
    private var parts: [String] = []
    private(set) var arguments: [DatabaseValue] = []

    var text: String { parts.joined(separator: " AND ") }

    mutating func add(_ condition: String) {
        parts.append(condition)
    }

    mutating func add(_ left: String, is relation: String = "=", _ value: DatabaseValue) {
        parts.append("\(left) \(relation) \(parameter(value))")
    }

    mutating func parameter(_ value: DatabaseValue) -> String {
        arguments.append(value)
        return "?\(arguments.count)"
    }
}
