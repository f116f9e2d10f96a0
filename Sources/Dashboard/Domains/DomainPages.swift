import Hummingbird
import Logging
import MailModel
import Outbound
import Reports
import Storage
import Web

/// `/dashboard/domains`: the domains, and what may be done with each.
struct DomainPages: Section {
    let domains: DomainService
    let reports: ReportService
    let guillotine: Guillotine
    let logger: Logger

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/domains", .scope(.read), list),
            .post("/dashboard/domains", .scope(.manage), create),
            .get("/dashboard/domains/{name}", .scope(.read), show),
            .post("/dashboard/domains/{name}/limits", .scope(.manage), changeLimits),
            .post("/dashboard/domains/{name}/settings", .master, changeSettings),
            .post("/dashboard/domains/{name}/suspend", .master, suspend),
            .post("/dashboard/domains/{name}/resume", .master, resume),
            .post("/dashboard/domains/{name}/delete", .scope(.manage), delete),
        ]
    }

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let search = try DomainSearch(visit.call.query)
        let found = try await domains.search(
            search.filter, account: visit.account?.id, by: visit.principal, after: search.after, limit: Self.pageSize + 1)
        return visit.page(.domains, "Domains", DomainsModel(found, search, visit, pageSize: Self.pageSize))
    }

    private func create(_ visit: DashboardRequest) async throws -> Response {
        let reference = visit.account?.reference ?? visit.text("partner_ref")
        let domain = try await domains.create(
            name: visit.text("name") ?? "", partnerReference: visit.principal.isMaster ? reference : nil, by: visit.principal)
        return visit.redirect(
            visit.link("/dashboard/domains/\(domain.name)"), saying: "\(domain.name) was created. Next: its records in the DNS.")
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try visit.parameter("name"), by: visit.principal)
        let owner = try await domains.owner(of: domain)
        let range = try? ReportRange(now: visit.now)
        let report = try await range.asyncMap { try await reports.emails(.domain(domain.name), of: domain.accountID, in: $0, by: .day) }
        return visit.page(.domain, domain.name.description, DomainModel(domain, owner: owner, report, guillotine, visit))
    }

    private func changeLimits(_ visit: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.dailyLimit = try visit.count("daily")
        changes.monthlyLimit = try visit.count("monthly")
        return try await change(visit, changes, saying: "The limits are changed.")
    }

    private func changeSettings(_ visit: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.tier = try visit.form.choice("tier")
        changes.enforcement = try visit.form.choice("enforcement")
        changes.warmupProfile = visit.form["warmup"].flatMap(WarmupProfile.init(name:))
        changes.spikeMaxMultiplier = try visit.form.value("spike", "a number, 0 is off") { Double($0) }
        return try await change(visit, changes, saying: "The settings are changed.")
    }

    private func suspend(_ visit: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.status = .suspended
        changes.suspensionReason = visit.text("reason")
        return try await change(visit, changes, saying: "The domain is suspended: nothing of it is sent.")
    }

    private func resume(_ visit: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.status = .active
        return try await change(visit, changes, saying: "The domain sends again, judged by what it sends from now on.")
    }

    private func change(_ visit: DashboardRequest, _ changes: OutboundChanges, saying text: String) async throws -> Response {
        let domain = try await domains.update(try visit.parameter("name"), changes, by: visit.principal)
        logger.notice(
            "Domain changed by hand",
            metadata: [
                "domain.name": "\(domain.name)", "domain.status": "\(domain.outbound.status.rawValue)",
                "reason": "\(visit.text("reason") ?? "-")", "request.id": "\(visit.call.context.record.id)",
            ])
        return visit.redirect(visit.link("/dashboard/domains/\(domain.name)"), saying: text)
    }

    private func delete(_ visit: DashboardRequest) async throws -> Response {
        let name = try visit.parameter("name")
        try await domains.delete(name, by: visit.principal)
        return visit.redirect(
            visit.link("/dashboard/domains"), saying: "\(Fields.shown(name)) is deleted. Its history stays for bills and reports.")
    }
}

/// What the list is asked for.
struct DomainSearch {
    let filter: DomainFilter
    let after: Int64?

    init(_ query: Query) throws(APIError) {
        filter = DomainFilter(text: query.text("q"), state: query["state"].flatMap { DomainFilter.State(rawValue: $0) })
        after = try query.after()
    }
}

extension Template {
    static let domains = Template(PackageResources.domains_mustache)
    static let domain = Template(PackageResources.domain_mustache)
}
