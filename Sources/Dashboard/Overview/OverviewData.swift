import MailModel
import Storage

/// What the overview tells, as it is at one moment.
struct OverviewData: Sendable {
    let totals: DomainTotals
    let suspended: [SendingDomain]
    let fullest: [SendingDomain]
    /// The account's own standing, where one is looked at.
    let reputation: ReputationReport?
    /// The accounts that wait for the operator, where all are looked at.
    let reviews: [Account]

    /// How many of each are named.
    static let most = 5

    init(_ context: ReadContext, of account: Account?) throws {
        totals = try context.domainTotals(of: account?.id)
        suspended = try context.suspendedDomains(of: account?.id, limit: Self.most)
        fullest = try context.fullestDomains(of: account?.id, limit: Self.most)
        reputation = try account.map { try context.reputationReport(of: $0) }
        reviews =
            account != nil
            ? []
            : try [Account.Status.blocked, .warning].flatMap {
                try context.accountSummaries($0, after: nil, limit: Self.most).map(\.account)
            }
    }
}
