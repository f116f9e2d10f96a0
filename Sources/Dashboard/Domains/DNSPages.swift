import Hummingbird
import MailModel
import Outbound
import Web

/// `/dashboard/domains/{name}/dns`: the records of a domain, looked up while the page is made, and the start of its verification.
struct DNSPages: Section {
    let domains: DomainService
    let verification: VerificationService
    let dnsCheck: DNSCheckService

    var pages: [Page] {
        [
            .get("/dashboard/domains/{name}/dns", .scope(.read), show),
            .post("/dashboard/domains/{name}/verify", .scope(.manage), verify),
        ]
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try visit.parameter("name"), by: visit.principal)
        let check = try await dnsCheck.check(domain.name.description, by: visit.principal)
        return visit.page(.dns, "DNS records of \(domain.name)", DNSModel(domain, check, visit))
    }

    /// Asks SES to verify the domain; where it was asked before, what it says now.
    private func verify(_ visit: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try visit.parameter("name"), by: visit.principal)
        let page = visit.link("/dashboard/domains/\(domain.name)/dns")
        guard domain.verification.requestedAt != nil else {
            _ = try await verification.start(domain.name.description, by: visit.principal)
            return visit.redirect(page, saying: "Amazon SES waits for these records. Put them into the DNS of \(domain.name).")
        }
        let status = try await verification.status(domain.name.description, by: visit.principal)
        return status.isVerified
            ? visit.redirect(page, saying: "Amazon SES has verified \(domain.name).")
            : visit.redirect(page, saying: "Amazon SES has not found all records yet. It goes on looking.", tone: .warning)
    }
}

extension Template {
    static let dns = Template(PackageResources.dns_mustache)
}
