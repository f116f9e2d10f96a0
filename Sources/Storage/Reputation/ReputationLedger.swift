import MailModel

/// What a transaction has counted for accounts and not written yet: one row per account is written, however many emails share the transaction.
struct ReputationLedger {
    private var counts: [Int64: ReputationCounts] = [:]

    mutating func add(_ added: ReputationCounts, of accountID: Int64) {
        guard !added.isEmpty else { return }
        counts[accountID, default: ReputationCounts()] = counts[accountID, default: ReputationCounts()] + added
    }

    func counts(of accountID: Int64) -> ReputationCounts {
        counts[accountID] ?? ReputationCounts()
    }

    /// The counts, which from then on count as written. In the order of the accounts: two nodes then never wait for each other.
    mutating func take() -> [(accountID: Int64, counts: ReputationCounts)] {
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
