import Hummingbird
import MailModel
import Reports
import Web

/// `/dashboard/campaigns`: the emails with one `externalId` together.
struct CampaignPages: Section {
    let reports: ReportService

    private static let path = "/dashboard/campaigns"
    private static let pageSize = 50

    var pages: [Page] {
        [.get(Self.path, .reportsRead, list), .get(Self.path + "/{externalId}", .reportsRead, show)]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = try request.query.after()
        let found = try await reports.campaigns(of: request.account?.id, after: after, limit: Self.pageSize + 1)
        return request.page(.campaigns, "Campaigns", CampaignsModel(found, isFirst: after == nil, request, pageSize: Self.pageSize))
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        guard let account = request.account else { throw APIError(.unprocessableContent, "Whose campaign is it? Choose an account first.") }
        let name = try request.parameter("externalId")
        guard let campaign = try await reports.campaign(name, of: account.id) else {
            throw APIError(.notFound, "There is no campaign of this name.")
        }
        let range = ReportRange(of: campaign, now: request.now)
        let isShort = range.end - range.start <= .seconds(3 * 86_400)
        let report = try await reports.emails(.campaign(name), of: account.id, in: range, by: isShort ? .hour : .day)
        return request.page(.campaign, name, CampaignModel(campaign, report, request))
    }
}

extension Template {
    static let campaigns = Template(PackageResources.campaigns_mustache)
    static let campaign = Template(PackageResources.campaign_mustache)
}
