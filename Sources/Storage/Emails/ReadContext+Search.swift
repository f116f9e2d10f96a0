import Database
package import MailModel

extension ReadContext {
    /// Emails, newest first, without their bodies.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this one.
    ///   - limit: at most this many.
    package func emails(matching filter: EmailFilter, of accountID: Int64?, after: EmailID?, limit: Int) throws -> [Email] {
        var search = EmailSearch(filter, of: accountID, after: after, limit: limit)
        let ids = search.needsAccount ? try idsOfAllAccounts(&search) : try ids(search)
        return try emails(ids, EmailRow.selectSummary)
    }

    private func ids(_ search: EmailSearch) throws -> [EmailID] {
        let (sql, arguments) = search.statement
        return try transaction.query(sql, arguments) { try $0.emailID(0) }
    }

    /// Searches account by account, for the operator: the indexes begin with the account, so that no customer's search reads another's emails.
    /// What is found moves the lower bound up, so that most accounts answer with little.
    private func idsOfAllAccounts(_ search: inout EmailSearch) throws -> [EmailID] {
        var best: [EmailID] = []
        var last: Int64 = 0
        while let account = try transaction.first(
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
