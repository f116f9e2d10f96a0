import Concurrency
import MailModel
import Synchronization

/// What this process knows of campaigns from earlier transactions, so that accepting most emails needs no query for their campaign.
///
/// Campaigns are never deleted, and an account that has begun its last one of the day may begin none until midnight: what is known stays
/// true.
final class KnownCampaigns: Sendable {
    /// What a transaction has found out; it holds once that is committed.
    struct Findings: Sendable {
        var listed: Set<CampaignKey> = []
        /// The accounts that may begin no further campaign on a day of UTC.
        var full: [Int64: CalendarDay] = [:]
    }

    private struct State {
        var listed = BoundedCache<CampaignKey, Void>(capacity: 20_000)
        var full = BoundedCache<Int64, CalendarDay>(capacity: 20_000)
    }

    private let state = Mutex(State())

    func contains(_ campaign: CampaignKey) -> Bool {
        state.withLock { $0.listed[campaign] != nil }
    }

    func isFull(_ accountID: Int64, on day: CalendarDay) -> Bool {
        state.withLock { $0.full[accountID] == day }
    }

    func remember(_ findings: Findings) {
        guard !findings.listed.isEmpty || !findings.full.isEmpty else { return }
        state.withLock { state in
            for campaign in findings.listed { state.listed.insert((), for: campaign) }
            for (accountID, day) in findings.full { state.full.insert(day, for: accountID) }
        }
    }
}
