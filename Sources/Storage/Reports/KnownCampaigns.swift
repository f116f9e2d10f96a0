import MailModel
import Synchronization

/// What this process knows of campaigns from earlier transactions, so that accepting most emails needs no query for their campaign.
///
/// Campaigns are never deleted, and an account that has begun its last one of the day may begin none until midnight: what is known stays
/// true.
final class KnownCampaigns: Sendable {
    /// The largest number of campaigns remembered.
    private static let capacity = 20_000

    /// What a transaction has found out; it holds once that is committed.
    struct Findings: Sendable {
        var listed: Set<CampaignKey> = []
        /// The accounts that may begin no further campaign on a day of UTC.
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
