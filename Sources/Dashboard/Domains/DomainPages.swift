import Hummingbird
import MailModel
import Outbound
import Storage
import Web

/// `/dashboard/domains`: the domains, and what may be done with each.
struct DomainPages: Section {
    let domains: DomainService

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/domains", .scope(.read), list),
            .post("/dashboard/domains", .scope(.manage), create),
        ]
    }

    private func list(_ visit: Visit) async throws -> Response {
        let search = try DomainSearch(visit.call.query)
        let found = try await domains.search(
            search.filter, account: visit.account?.id, by: visit.principal, after: search.after, limit: Self.pageSize + 1)
        return visit.page(.domains, "Domains", DomainsModel(found, search, visit, pageSize: Self.pageSize))
    }

    private func create(_ visit: Visit) async throws -> Response {
        let reference = visit.account?.reference ?? visit.form["partner_ref"].flatMap { $0.isEmpty ? nil : $0 }
        let domain = try await domains.create(
            name: visit.form["name"] ?? "", partnerReference: visit.principal.isMaster ? reference : nil, by: visit.principal)
        return visit.redirect(visit.link("/dashboard/domains"), saying: "\(domain.name) was created.")
    }
}

/// What the list is asked for.
struct DomainSearch {
    let filter: DomainFilter
    let after: Int64?

    init(_ query: Query) throws(APIError) {
        let text = query["q"]?.trimmed
        let state: DomainFilter.State? = query["state"].flatMap { DomainFilter.State(rawValue: $0) }
        filter = DomainFilter(text: text?.isEmpty == true ? nil : text, state: state)
        after = try query.after()
    }
}

extension Template {
    static let domains = Template(PackageResources.domains_mustache)
}
