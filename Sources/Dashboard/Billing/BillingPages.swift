import Hummingbird
import MailModel
import Outbound
import Web

/// `/dashboard/billing`: the bills of the months.
struct BillingPages: Section {
    let domains: DomainService

    private static let pageSize = 100
    private static let months: Int64 = 24

    var pages: [Page] {
        [
            .get("/dashboard/billing", .billingRead, show),
            .get("/dashboard/billing.csv", .billingRead, table),
        ]
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let month = try month(request)
        let page = try request.query.value("page", "the number of a page", Int.init) ?? 1
        let billing = try await domains.billing(of: month)
        return request.page(
            .billing, "Billing", BillingModel(billing, page: max(1, page), request, pageSize: Self.pageSize, months: Self.months))
    }

    private func table(_ request: DashboardRequest) async throws -> Response {
        let month = try month(request)
        var response = Response.text(try await domains.billing(of: month).csv, contentType: "text/csv; charset=utf-8")
        response.headers[.contentDisposition] = "attachment; filename=\"billing-\(month).csv\""
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Returns the requested month, or else the last one that has ended.
    private func month(_ request: DashboardRequest) throws(APIError) -> CalendarMonth {
        try request.query.value("period", "a month, YYYY-MM", CalendarMonth.init) ?? CalendarMonth(number: request.now.month.number - 1)
    }
}

extension Template {
    static let billing = Template(PackageResources.billing_mustache)
}
