import Feedback
import Hummingbird
import MailModel
import Reports
import ServiceLifecycle
import Storage
import Web

/// `/dashboard`: the overview, and the stream of its figures.
struct OverviewPages: Section {
    let overviews: OverviewService
    let reports: ReportService
    let reputations: ReputationService
    let provider: ProviderQuota
    let streams: LiveStreams

    var pages: [Page] {
        [
            .get("/dashboard", .dashboardOpen, show),
            .get("/dashboard/live", .dashboardOpen, stream),
        ]
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let account = request.account
        let overview = try await overviews.overview(of: account)
        // Twice the days that rates look back on: the first point of a curve has as many behind it as the last.
        let report = try await report(of: account, days: 2 * Reputation.days)
        let figures = try await figures(overview.totals, overview.backlog, of: account)
        let quota = account == nil ? provider.quota(at: request.now) : nil
        let model = OverviewModel(overview, figures, report, reputations.reputation, sesQuota: quota, request)
        return request.page(.overview, "Overview", model)
    }

    private func report(of account: Account?, days: Int64) async throws -> EmailReport? {
        let now = overviews.now
        let start = CalendarDay(number: now.day.number - days + 1).start
        return try await (try? ReportRange(from: start.description, now: now)).asyncMap {
            try await reports.emails(of: account?.id, in: $0, by: .day)
        }
    }

    /// The figures, repeatedly, as long as the session lasts.
    private func stream(_ request: DashboardRequest) async throws -> Response {
        streams.response(for: request) { [account = request.account] in
            [LiveStreams.Part(name: "figures", markup: Parts.render("figures", try await currentFigures(of: account)))]
        }
    }

    private func currentFigures(of account: Account?) async throws -> Figures {
        let (totals, backlog) = try await overviews.totals(of: account)
        return try await figures(totals, backlog, of: account)
    }

    private func figures(_ totals: DomainTotals, _ backlog: Backlog, of account: Account?) async throws -> Figures {
        let rate = account == nil ? try await rate() : nil
        let counts = try await report(of: account, days: Reputation.days)?.totals ?? ReportCounts()
        return Figures(totals, backlog, counts, reputations.reputation, rate: rate)
    }

    /// The sending rate of the present quarter of an hour, and the rate that the provider allows.
    private func rate() async throws -> Figures.Item {
        let now = overviews.now
        let begin = now.quarterHour.start
        let range = try ReportRange(from: begin.description, now: now)
        let sent = try await reports.emails(of: nil, in: range, by: .hour).totals[.sent]
        return Figures.rate(sent: sent, in: now - begin, allowed: provider.quota(at: now))
    }
}

extension Template {
    static let overview = Template(PackageResources.overview_mustache)
}
