import Hummingbird
import MailModel
import Outbound
import Web

/// `/dashboard/domains/{name}/dns`: the DNS records of a domain, looked up for each request, and the start of its verification.
struct DNSPages: Section {
    let domains: DomainService
    let verification: VerificationService
    let dnsCheck: DNSCheckService

    var pages: [Page] {
        [
            .get("/dashboard/domains/{name}/dns", .domainsRead, show),
            .post("/dashboard/domains/{name}/verify", .domainsVerify, verify),
        ]
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        let check = try await dnsCheck.check(domain.name.description, of: request.chosenAccount, by: request.principal)
        return request.page(.dns, "DNS records of \(domain.name)", DNSModel(domain, check, request))
    }

    /// Asks SES to verify the domain; where it was asked before, asks for the status.
    private func verify(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        let page = request.link("/dashboard/domains/\(domain.name)/dns")
        guard domain.verification.requestedAt != nil else {
            _ = try await verification.start(domain.name.description, of: request.chosenAccount, by: request.principal)
            return request.redirect(page, saying: "Amazon SES waits for these records. Put them into the DNS of \(domain.name).")
        }
        let status = try await verification.status(domain.name.description, of: request.chosenAccount, by: request.principal)
        if status.isVerified { return request.redirect(page, saying: "Amazon SES has verified \(domain.name).") }
        return status.isSuccess
            ? request.redirect(
                page, saying: "Amazon SES has verified the records; it is not proven yet whose domain it is.", tone: .warning)
            : request.redirect(page, saying: "Amazon SES has not found all records yet. It goes on looking.", tone: .warning)
    }
}

extension Template {
    static let dns = Template(PackageResources.dns_mustache)
}
