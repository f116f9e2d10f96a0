import Feedback
import Hummingbird
import MailModel
import Reports
import ServiceLifecycle
import Storage
import Web

/// `/dashboard`: the overview, and the stream of its figures.
struct OverviewPages: Section {
    let store: Store
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
        let (overview, backlog) = try await store.read { tx in
            (try OverviewData(of: account, in: tx), try tx.queue.backlog(of: account?.id))
        }
        let figures = try await figures(overview.totals, backlog, of: account)
        let report = try await (try? ReportRange(now: request.now)).asyncMap { try await reports.emails(of: account?.id, in: $0, by: .day) }
        return request.page(
            .overview, "Overview", OverviewModel(overview, figures, report, reputations.reputation, request))
    }

    /// The figures, repeatedly, as long as the session lasts.
    private func stream(_ request: DashboardRequest) async throws -> Response {
        streams.response(for: request) { [account = request.account] in
            [LiveStreams.Part(name: "figures", markup: Parts.render("figures", try await currentFigures(of: account)))]
        }
    }

    private func currentFigures(of account: Account?) async throws -> Figures {
        let (totals, backlog) = try await store.read { tx in
            (try tx.domains.totals(of: account?.id), try tx.queue.backlog(of: account?.id))
        }
        return try await figures(totals, backlog, of: account)
    }

    private func figures(_ totals: DomainTotals, _ backlog: Backlog, of account: Account?) async throws -> Figures {
        let rate = account == nil ? try await rate() : nil
        return Figures(totals, backlog, rate: rate)
    }

    /// The sending rate of the present quarter of an hour, and the rate that the provider allows.
    private func rate() async throws -> Figures.Item {
        let now = store.now
        let begin = now.quarterHour.start
        let range = try ReportRange(from: begin.description, now: now)
        let sent = try await reports.emails(of: nil, in: range, by: .hour).totals[.sent]
        return Figures.rate(sent: sent, in: now - begin, allowed: provider.quota(at: now))
    }
}

extension Template {
    static let overview = Template(PackageResources.overview_mustache)
}
