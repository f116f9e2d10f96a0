import Hummingbird
import MailModel
import NIOCore
import Outbound
import Web

/// `/dashboard/domains/{name}/dns`: the DNS records of a domain, looked up for each request, and the start of its verification.
struct DNSPages: Section {
    let domains: DomainService
    let verification: VerificationService
    let dnsCheck: DNSCheckService
    /// Whether there is no SES, and its answers are simulated.
    let isSimulated: Bool

    var pages: [Page] {
        [
            .get("/dashboard/domains/{name}/dns", .domainsRead, show),
            .get("/dashboard/domains/{name}/records.zone", .domainsRead, zone),
            .post("/dashboard/domains/{name}/verify", .domainsVerify, verify),
        ]
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        let check = try await dnsCheck.check(domain.name.description, of: request.chosenAccount, by: request.principal)
        return request.page(.dns, "DNS records of \(domain.name)", DNSModel(domain, check, isSimulated: isSimulated, request))
    }

    /// The records as a zone file; a comment where they are not known yet.
    private func zone(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        guard domain.verification.requestedAt != nil else {
            return Self.zone(
                of: domain.name, "; Request the verification of \(domain.name) first: Amazon SES then says what its records are.\n")
        }
        let records = try await dnsCheck.records(domain.name.description, of: request.chosenAccount, by: request.principal)
        return Self.zone(of: domain.name, records.zoneFile)
    }

    private static func zone(of name: DomainName, _ text: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/dns; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name).zone\"",
                .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Asks SES to verify the domain; where it was asked before, asks for the status.
    private func verify(_ request: DashboardRequest) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), of: request.chosenAccount, by: request.principal)
        let page = request.link("/dashboard/domains/\(domain.name)/dns")
        guard domain.verification.requestedAt != nil else {
            _ = try await verification.start(domain.name.description, of: request.chosenAccount, by: request.principal)
            return request.redirect(page, saying: "Verification is requested. Add these records to the DNS of \(domain.name).")
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
