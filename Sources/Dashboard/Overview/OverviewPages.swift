import Feedback
import Hummingbird
import MailModel
import Reports
import ServiceLifecycle
import Storage
import Web

/// `/dashboard`: how things stand; and the stream of its numbers.
struct OverviewPages: Section {
    let store: Store
    let reports: ReportService
    let reputations: ReputationService
    let provider: ProviderQuota
    let streams: LiveStreams

    var pages: [Page] {
        [
            .get("/dashboard", .scope(.read), show),
            .get("/dashboard/live", .scope(.read), stream),
        ]
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let account = visit.account
        let (situation, backlog) = try await store.read { (try OverviewData($0, of: account), try $0.backlog(of: account?.id)) }
        let figures = try await figures(situation.totals, backlog, of: account)
        let report = try await (try? ReportRange(now: visit.now)).asyncMap { try await reports.emails(of: account?.id, in: $0, by: .day) }
        return visit.page(
            .overview, "Overview", OverviewModel(situation, figures, report, reputations.reputation, visit))
    }

    /// The numbers again and again, as long as the session lasts.
    private func stream(_ visit: DashboardRequest) async throws -> Response {
        streams.response(for: visit) { [account = visit.account] in
            [LiveStreams.Part(name: "figures", markup: Parts.render("figures", try await numbers(of: account)))]
        }
    }

    private func numbers(of account: Account?) async throws -> Figures {
        let (totals, backlog) = try await store.read { context in
            (try context.domainTotals(of: account?.id), try context.backlog(of: account?.id))
        }
        return try await figures(totals, backlog, of: account)
    }

    private func figures(_ totals: DomainTotals, _ backlog: Backlog, of account: Account?) async throws -> Figures {
        let rate = account == nil ? try await rate() : nil
        return Figures(totals, backlog, rate: rate)
    }

    /// How fast is sent beside how fast the provider allows.
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
