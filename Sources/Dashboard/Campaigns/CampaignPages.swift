import Hummingbird
import MailModel
import Reports
import Web

/// `/dashboard/campaigns`: emails with one `externalId`, together.
struct CampaignPages: Section {
    let reports: ReportService

    private static let path = "/dashboard/campaigns"
    private static let pageSize = 50

    var pages: [Page] {
        [.get(Self.path, .scope(.read), list), .get(Self.path + "/{externalId}", .scope(.read), show)]
    }

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let after = try visit.call.query.after()
        let found = try await reports.campaigns(of: visit.account?.id, after: after, limit: Self.pageSize + 1)
        return visit.page(.campaigns, "Campaigns", CampaignsModel(found, isFirst: after == nil, visit, pageSize: Self.pageSize))
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        guard let account = visit.account else { throw APIError(.unprocessableContent, "Whose campaign is it? Choose an account first.") }
        let name = try visit.parameter("externalId")
        guard let campaign = try await reports.campaign(name, of: account.id) else {
            throw APIError(.notFound, "There is no campaign of this name.")
        }
        let range = ReportRange(of: campaign, now: visit.now)
        let isShort = range.end - range.start <= .seconds(3 * 86_400)
        let report = try await reports.emails(.campaign(name), of: account.id, in: range, by: isShort ? .hour : .day)
        return visit.page(.campaign, name, CampaignModel(campaign, report, visit))
    }
}

extension Template {
    static let campaigns = Template(PackageResources.campaigns_mustache)
    static let campaign = Template(PackageResources.campaign_mustache)
}
