import AmazonSES
import MailModel
import Reports
import Storage

/// What needs somebody, the most urgent first; what somebody did on purpose is none of it.
struct OverviewAlerts {
    private let data: Overview
    private let sesQuota: SendQuota?
    private let request: DashboardRequest

    /// From which part of a limit on it is worth a warning, in percent.
    private static let nearlyFull: Int64 = 90
    /// From which age of the oldest email on the queue is worth a warning: it waits, although it is due.
    private static let longWait = Duration.seconds(15 * 60)

    /// - Parameter sesQuota: the quota that SES returned last, for the operator.
    init(_ data: Overview, sesQuota: SendQuota?, _ request: DashboardRequest) {
        self.data = data
        self.sesQuota = sesQuota
        self.request = request
    }

    /// The alerts: the bad ones, then the warnings.
    var notices: [OverviewModel.Notice] {
        let all = ownReputation + reviews + provider + queue + suspensions + quotas + claims + callbacks
        return all.filter { $0.tone == Tone.bad.rawValue } + all.filter { $0.tone != Tone.bad.rawValue }
    }

    private func notice(_ isBad: Bool, _ text: String, _ link: Link?) -> OverviewModel.Notice {
        OverviewModel.Notice(tone: (isBad ? Tone.bad : .warning).rawValue, text: text, link: link)
    }

    private var ownReputation: [OverviewModel.Notice] {
        guard let report = data.reputation, report.account.status != .ok else { return [] }
        let isBlocked = report.account.status == .blocked
        let words = isBlocked ? "The account is blocked: nothing is sent" : "The account has a warning"
        let link = request.may(.accountsReview) ? Link(text: "Review", href: "/dashboard/accounts/\(report.account.id)") : nil
        return [notice(isBlocked, "\(words). \(Self.why(report))", link)]
    }

    private var reviews: [OverviewModel.Notice] {
        data.reviews.map { report in
            let account = report.account
            let isBlocked = account.status == .blocked
            return notice(
                isBlocked, "\(account.reference) is \(isBlocked ? "blocked and waits for your review" : "warned"). \(Self.why(report))",
                Link(text: "Review \(account.reference)", href: "/dashboard/accounts/\(account.id)"))
        }
    }

    /// The figure that led to the status, and the present ones beside it.
    private static func why(_ report: ReputationReport) -> String {
        let counts = report.window.counts
        let reason = report.reason.map { "\($0.asTitle); " } ?? ""
        return "\(reason)now \(Format.percent(counts.bounceRate)) bounces, \(Format.percent(counts.complaintRate)) complaints in 30 days."
    }

    private var claims: [OverviewModel.Notice] {
        data.claims.map { notice(false, "Decide whose \($0.name) is.", Link(text: "Review queue", href: "/dashboard/reviews")) }
    }

    private var suspensions: [OverviewModel.Notice] {
        data.suspended.map { domain in
            let reason = domain.outbound.suspendedReason.map { ": \($0.dropFirst("guillotine: ".count))" } ?? ""
            let now = "now \(Format.percent(domain.counters.bounceRate)) this month"
            return notice(true, "\(domain.name) was suspended automatically\(reason); \(now).", link(to: domain))
        }
    }

    private var quotas: [OverviewModel.Notice] {
        data.fullestToday.compactMap {
            quota($0, $0.counters.sentToday, of: $0.outbound.dailyLimit, "daily")
        }
            + data.fullestThisMonth.compactMap {
                quota($0, $0.counters.sentThisMonth, of: $0.outbound.monthlyLimit, "monthly")
            }
    }

    private func quota(_ domain: SendingDomain, _ sent: Int64, of limit: Int64, _ period: String) -> OverviewModel.Notice? {
        guard limit > 0, sent * 100 >= limit * Self.nearlyFull else { return nil }
        let used = sent >= limit ? "has reached" : "has used \(sent * 100 / limit) % of"
        return notice(sent >= limit, "\(domain.name) \(used) its \(period) limit of \(Format.count(limit)).", link(to: domain))
    }

    private var provider: [OverviewModel.Notice] {
        guard let used = Figures.usedPercent(of: sesQuota), used >= Self.nearlyFull else { return [] }
        return [notice(used >= 100, "\(used) % of Amazon SES's quota of 24 hours is used.", nil)]
    }

    private var queue: [OverviewModel.Notice] {
        guard let age = data.backlog.age, age >= Self.longWait else { return [] }
        return [
            notice(
                true, "The oldest queued email has waited for \(Format.duration(age)).",
                Link(text: "Queued emails", href: request.link("/dashboard/emails", ["status": EmailStatus.queued.rawValue])))
        ]
    }

    private var callbacks: [OverviewModel.Notice] {
        data.failing.map { receiver in
            let whose = request.showsAccounts ? " of \(receiver.userName)" : ""
            return notice(
                false, "Callbacks\(whose) to \(CallbackURL.masked(receiver.url)) are failing: \(Format.count(receiver.failures)) attempts.",
                Link(
                    text: "Callbacks\(whose)",
                    href: request.link(
                        "/dashboard/callbacks", [DashboardRequest.accountParameter: request.showsAccounts ? receiver.userName : nil])))
        }
    }

    private func link(to domain: SendingDomain) -> Link {
        Link(text: "Open \(domain.name)", href: request.link("/dashboard/domains/\(domain.name)"))
    }
}
