import Database
import MailModel

extension Transaction {
    /// Locks the rows that a batch intends to change, in the order of all nodes: SES's ids of messages, accounts, domains, emails, the
    /// shares of the sending rate; each by its key.
    ///
    /// And prefetches what its commands will read.
    ///
    /// What is written at the end of a batch (``flush()``) is locked after them, in the same order on all nodes too.
    func prepare(for intents: [WriteIntent]) throws {
        guard !sql.dialect.forUpdate.isEmpty else { return }
        let messageIDs = Set(intents.compactMap(\.messageID))
        try sesMessages.lock(messageIDs, askingAgainFor: Set(intents.compactMap { $0.event?.messageID }))
        let counted = CountedRows(intents, emailIDs: feedbackCache.emailIDs)
        let limited = quotasKnown.domains(of: intents)
        try reputation.lock(
            of: counted, Set(intents.flatMap(\.accounts)).union(quotasKnown.accounts(of: intents)), domains: limited)
        try lockDomains(Set(intents.flatMap(\.domains)), of: counted)
        quotaCache.found.unlimited = limited.filter { name in
            let found = domainCache.domains(named: name)
            return !found.isEmpty && !found.contains(where: \.hasAccountQuota)
        }
        try lockEmails(Set(intents.compactMap(\.email)).union(feedbackCache.emailIDs.values))
        if intents.contains(where: \.sharesRate) { try sendingShares.lock() }
        try suppressions.prefetch(intents)
        // After the locks: a transaction that has held one may have inserted events.
        try unmatchedEvents.prefetch(of: messageIDs)
        try receipts.prefetch(Set(intents.flatMap { $0.event?.receipts ?? [] }))
    }

    private func lockDomains(_ names: Set<DomainName>, of counted: CountedRows) throws {
        let all = names.union(counted.domains)
        guard !all.isEmpty || !counted.emails.isEmpty else { return }
        var values = ParameterList()
        var condition = "name IN (\(values.add(all.map { .text($0.description) }))) AND deleted_at IS NULL"
        if !counted.emails.isEmpty {
            condition = """
                id IN (SELECT d.id FROM domains d WHERE d.\(condition)
                    UNION SELECT e.domain_id FROM emails e WHERE e.id IN (\(values.add(counted.emails.map { .id($0) }))))
                """
        }
        let rows = try sql.query(
            "SELECT \(DomainRow.selected) FROM domains WHERE \(condition) ORDER BY id\(sql.dialect.forUpdate)",
            values.values, DomainRow.decode)
        for row in rows { _ = try domains.store(row) }
        domainCache.store(lookedFor: all)
    }

    private func lockEmails(_ ids: Set<EmailID>) throws {
        try emails.prefetch(for: emails.listForUpdate(ids.sorted()))
    }
}
