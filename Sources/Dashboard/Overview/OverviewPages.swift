import Hummingbird
import MailModel
import Storage

/// `/dashboard`: how things stand.
struct OverviewPages: Section {
    let store: Store

    var pages: [Page] {
        [.get("/dashboard", .scope(.read), show)]
    }

    private func show(_ visit: Visit) async throws -> Response {
        let totals = try await store.read { [id = visit.account?.id] in try $0.domainTotals(of: id) }
        return visit.page(.overview, "Overview", OverviewModel(totals, visit))
    }
}

extension Template {
    static let overview = Template(PackageResources.overview_mustache)
}
