import Hummingbird
import Logging
import MailModel
import Outbound
import Reports
import Sending
import Storage
import Web

/// `/dashboard/domains`: the list of domains, their pages and their forms.
struct DomainPages: Section {
    let domains: DomainService
    let verification: VerificationService
    let reports: ReportService
    let guillotine: Guillotine
    let pauses: ProviderPauses
    let logger: Logger

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/domains", .domainsRead, list),
            .post("/dashboard/domains", .domainsCreate, create),
            .get("/dashboard/domains/{name}", .domainsRead, show),
            .post("/dashboard/domains/{name}/limits", .domainsLimits, changeLimits),
            .post("/dashboard/domains/{name}/name", .domainsUpdate, changeName),
            .post("/dashboard/domains/{name}/settings", .domainsControl, changeSettings),
            .post("/dashboard/domains/{name}/suspend", .domainsControl, suspend),
            .post("/dashboard/domains/{name}/resume", .domainsControl, resume),
            .post("/dashboard/domains/{name}/approve", .domainsApprove, approve),
            .post("/dashboard/domains/{name}/delete", .domainsDelete, delete),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let search = try DomainSearch(request.query)
        let found = try await domains.search(
            search.filter, account: request.account?.id, by: request.principal, after: search.after, limit: Self.pageSize + 1)
        return request.page(.domains, "Domains", DomainsModel(found, search, request, pageSize: Self.pageSize))
    }

    private func create(_ request: DashboardRequest) async throws -> Response {
        let reference = request.account?.reference ?? request.text("partner_ref")
        let domain = try await domains.create(
            name: request.text("name") ?? "", partnerReference: request.may(.domainsAssign) ? reference : nil, by: request.principal)
        return request.redirect(
            request.link("/dashboard/domains/\(domain.name)"), saying: "\(domain.name) was created. Next: its records in the DNS.")
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        let owner = try await domains.owner(of: domain)
        let range = try? ReportRange(now: request.now)
        let report = try await range.asyncMap { try await reports.emails(.domain(domain.name), of: domain.accountID, in: $0, by: .day) }
        let paused = try await pauses.list(of: domain)
        return request.page(.domain, domain.name.description, DomainModel(domain, owner: owner, report, guillotine, paused, request))
    }

    private func changeLimits(_ request: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.dailyLimit = try request.count("daily")
        changes.monthlyLimit = try request.count("monthly")
        return try await change(request, changes, saying: "The limits are changed.")
    }

    private func changeName(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.update(
            try request.parameter("name"), of: request.chosenAccount, fromName: request.text("from_name"), by: request.principal)
        return request.redirect(request.link("/dashboard/domains/\(domain.name)"), saying: "The name is changed.")
    }

    private func changeSettings(_ request: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.tier = try request.form.choice("tier")
        changes.enforcement = try request.form.choice("enforcement")
        changes.warmupProfile = request.form["warmup"].flatMap(WarmupProfile.init(name:))
        changes.dailyCeiling = try request.count("daily_ceiling")
        changes.monthlyCeiling = try request.count("monthly_ceiling")
        changes.spikeMaxMultiplier = try request.form.value("spike", "a number, 0 is off") { Double($0) }
        return try await change(request, changes, saying: "The settings are changed.")
    }

    private func suspend(_ request: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.status = .suspended
        changes.suspensionReason = request.text("reason")
        return try await change(request, changes, saying: "The domain is suspended: nothing of it is sent.")
    }

    private func resume(_ request: DashboardRequest) async throws -> Response {
        var changes = OutboundChanges()
        changes.status = .active
        return try await change(request, changes, saying: "The domain sends again, judged by what it sends from now on.")
    }

    private func change(_ request: DashboardRequest, _ changes: OutboundChanges, saying text: String) async throws -> Response {
        let domain = try await domains.update(
            try request.parameter("name"), of: request.chosenAccount, changes, by: request.principal)
        logger.notice(
            "Domain changed by hand",
            metadata: [
                "domain.name": "\(domain.name)", "domain.status": "\(domain.outbound.status.rawValue)",
                "reason": "\(request.text("reason") ?? "-")", "request.id": "\(request.recordID)",
            ])
        return request.redirect(request.link("/dashboard/domains/\(domain.name)"), saying: text)
    }

    private func approve(_ request: DashboardRequest) async throws -> Response {
        let domain = try await verification.approve(
            try request.parameter("name"), of: request.text("partner_ref") ?? request.chosenAccount, by: request.principal)
        return request.redirect(request.link("/dashboard/domains/\(domain.name)"), saying: "\(domain.name) is the account's.")
    }

    private func delete(_ request: DashboardRequest) async throws -> Response {
        let name = try request.parameter("name")
        try await domains.delete(name, of: request.chosenAccount, by: request.principal)
        return request.redirect(
            request.link("/dashboard/domains"), saying: "\(Fields.shown(name)) is deleted. Its history stays for bills and reports.")
    }
}

/// The filter and the position in the list.
struct DomainSearch {
    let filter: DomainFilter
    let after: Int64?

    init(_ query: Query) throws(APIError) {
        filter = DomainFilter(text: query.text("q"), state: query["state"].flatMap { DomainFilter.State(rawValue: $0) })
        after = try query.after()
    }
}

/// `/dashboard/domains/{name}/test`: a test email from a domain.
///
/// It is an email like any other: the gate decides, and it counts.
struct TestEmailPages: Section {
    let domains: DomainService
    let submission: Submission

    var pages: [Page] {
        [.post("/dashboard/domains/{name}/test", .emailsSend, send)]
    }

    private func send(_ request: DashboardRequest) async throws -> Response {
        let name = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal).name
        let email = EmailRequest(
            to: request.text("to") ?? "", from: "test@\(name)",
            text: "This is a test email from \(name).\n\nWhat became of it stands in its timeline on the dashboard.",
            subject: "A test from \(name)")
        let acceptance = try await submission.accept(email, by: request.principal)
        return request.redirect(
            request.link("/dashboard/emails/\(acceptance.email.id)"), saying: acceptance.note ?? "The test email is accepted.",
            tone: acceptance.note == nil ? .good : .warning)
    }
}

extension Template {
    static let domains = Template(PackageResources.domains_mustache)
    static let domain = Template(PackageResources.domain_mustache)
}
