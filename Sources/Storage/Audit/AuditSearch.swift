import Database
import MailModel

/// The statement of a search in the audit log: it reads one index, in the order of the ids, and stops at its limit.
///
/// The index is chosen here, as for emails (``EmailSearch``): the other conditions are written so that no index fits them.
struct AuditSearch {
    /// The condition whose index leads, the most selective one first.
    private enum Lead {
        case target, actor, account, action, time
    }

    private let filter: AuditFilter
    private let target: String?
    private let accountID: Int64?
    private let after: AuditID?
    private let limit: Int
    private let lead: Lead

    /// - Parameter target: the stored text of the filter's target; `.some(nil)` where no row can have it.
    /// - Returns: `nil` where no row can match.
    init?(_ filter: AuditFilter, of accountID: Int64?, after: AuditID?, limit: Int, target: String??) {
        if case .some(nil) = target { return nil }
        self.filter = filter
        self.target = target ?? nil
        self.accountID = accountID
        self.after = after
        self.limit = limit
        lead = Self.lead(of: filter, accountID: accountID)
    }

    private static func lead(of filter: AuditFilter, accountID: Int64?) -> Lead {
        if filter.target != nil { return .target }
        if case .one = filter.actor { return .actor }
        if accountID != nil { return .account }
        if case .one = filter.action { return .action }
        return .time
    }

    /// The SQL text with its arguments.
    var statement: (sql: String, arguments: [DatabaseValue]) {
        var conditions = Conditions()
        if let target { conditions.add("l.target", .text(target)) }
        if let accountID { conditions.add(lead == .account ? "l.account_id" : "l.account_id + 0", .integer(accountID)) }
        switch filter.actor {
        case .one(let kind, let id):
            conditions.add(lead == .actor ? "l.actor_id" : "l.actor_id + 0", .integer(id))
            conditions.add("l.actor_kind", .text(kind.rawValue))
        case .kind(let kind): conditions.add("l.actor_kind", .text(kind.rawValue))
        case nil: break
        }
        switch filter.action {
        case .one(let action): conditions.add(lead == .action ? "l.action" : "l.action || ''", .text(action.rawValue))
        case .subject(let subject):
            let actions = AuditAction.allCases.filter { $0.subject == subject }.map { conditions.parameter(.text($0.rawValue)) }
            conditions.add("l.action || '' IN (\(actions.joined(separator: ", ")))")
        case nil: break
        }
        addTimes(to: &conditions)
        let limit = conditions.parameter(.integer(limit))
        return ("\(AuditRow.select) WHERE \(conditions.text) ORDER BY l.id DESC LIMIT \(limit)", conditions.arguments)
    }

    private func addTimes(to conditions: inout Conditions) {
        conditions.add("l.id", is: "<", after.map { .id($0) } ?? .aboveAllIDs)
        if let until = filter.until { conditions.add("l.id", is: "<", .id(AuditID.lowest(at: until))) }
        if let since = filter.since { conditions.add("l.id", is: ">=", .id(AuditID.lowest(at: since))) }
    }
}
