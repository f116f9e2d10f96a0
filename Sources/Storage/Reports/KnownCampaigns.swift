import MailModel
import Synchronization

/// What this process knows of accounts' campaigns from earlier transactions, so that most emails ask nothing of the database.
///
/// Campaigns never go, and a list that is full stays so until midnight: what is remembered stays true.
final class KnownCampaigns: Sendable {
    /// How many are remembered at the most.
    private static let capacity = 20_000

    /// What a transaction has found out; it holds once that is committed.
    struct Findings: Sendable {
        var listed: Set<CampaignKey> = []
        /// Accounts whose list takes no further campaign on a day.
        var full: [Int64: CalendarDay] = [:]
    }

    private let state = Mutex(Findings())

    func contains(_ campaign: CampaignKey) -> Bool {
        state.withLock { $0.listed.contains(campaign) }
    }

    func isFull(_ accountID: Int64, on day: CalendarDay) -> Bool {
        state.withLock { $0.full[accountID] == day }
    }

    func remember(_ findings: Findings) {
        guard !findings.listed.isEmpty || !findings.full.isEmpty else { return }
        state.withLock { state in
            if state.listed.count + findings.listed.count > Self.capacity { state.listed.removeAll() }
            state.listed.formUnion(findings.listed)
            state.full.merge(findings.full) { _, new in new }
        }
    }
}
