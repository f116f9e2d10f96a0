import Hummingbird
import MailModel
import Outbound
import Web

/// `/dashboard/billing`: what was frozen of each month, for the bills.
struct BillingPages: Section {
    let domains: DomainService

    private static let pageSize = 100
    private static let months: Int64 = 24

    var pages: [Page] {
        [
            .get("/dashboard/billing", .master, show),
            .get("/dashboard/billing.csv", .master, table),
        ]
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let month = try month(visit)
        let page = try visit.call.query.value("page", "the number of a page", Int.init) ?? 1
        let billing = try await domains.billing(of: month)
        return visit.page(
            .billing, "Billing", BillingModel(billing, page: max(1, page), visit, pageSize: Self.pageSize, months: Self.months))
    }

    private func table(_ visit: DashboardRequest) async throws -> Response {
        let month = try month(visit)
        var response = Response.text(try await domains.billing(of: month).csv, contentType: "text/csv; charset=utf-8")
        response.headers[.contentDisposition] = "attachment; filename=\"billing-\(month).csv\""
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// The month that is asked for, or the last one that ended.
    private func month(_ visit: DashboardRequest) throws(APIError) -> CalendarMonth {
        try visit.call.query.value("period", "a month, YYYY-MM", CalendarMonth.init) ?? CalendarMonth(number: visit.now.month.number - 1)
    }
}

extension Template {
    static let billing = Template(PackageResources.billing_mustache)
}
