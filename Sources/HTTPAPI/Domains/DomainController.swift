import Hummingbird
import JSON
import MailModel
import Outbound
import Web

/// `/domains`: creation, lists, deletion, ownership, and verification with SES (specification 3).
struct DomainController: Sendable {
    let domains: DomainService
    let verification: VerificationService
    let dnsChecks: DNSCheckService

    var operations: [Operation] {
        [
            Operation(.post, "/domains", .domainsCreate, Self.createDocumentation, create),
            Operation(.get, "/domains", .domainsRead, Self.listDocumentation, list),
            Operation(.get, "/domains/{name}", .domainsRead, Self.findDocumentation, find),
            Operation(.put, "/domains/{name}", .domainsUpdate, Self.updateDocumentation, update),
            Operation(.delete, "/domains/{name}", .domainsDelete, Self.deleteDocumentation, delete),
            Operation(.put, "/domains/{name}/owner", .domainsAssign, Self.ownerDocumentation, changeOwner),
            Operation(.post, "/domains/{name}/approve", .domainsApprove, Self.approveDocumentation, approve),
            Operation(.post, "/domains/{name}/ses-verify", .domainsVerify, Self.verifyDocumentation, verify),
            Operation(.get, "/domains/{name}/ses-status", .domainsRead, Self.statusDocumentation, status),
            Operation(.get, "/domains/{name}/records.zone", .domainsRead, Self.zoneDocumentation, zone),
            Operation(.get, "/domains/{name}/dns-check", .domainsRead, Self.dnsCheckDocumentation, checkDNS),
        ]
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let name = fields.requiredString("name")
        let reference = fields.string("partner_ref")
        try fields.check()
        guard reference == nil || principal.may(.domainsAssign) else {
            throw APIError(.forbidden, code: .masterRequired, "Master token required to set partner_ref")
        }
        let domain = try await domains.create(name: name, partnerReference: reference, by: principal)
        return .json(.created) { DomainResources.identity.write(domain, to: &$0) }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let found = try await domains.list(by: principal, after: try request.query.after(), limit: limit + 1)
        return .array(request, of: found, limit: limit, next: \.id.description, write: DomainResources.domain.write)
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await domains.find(asked.name, of: asked.reference, by: principal)
        return .json { DomainResources.domain.write(domain, to: &$0) }
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        // Null takes the name away.
        let name = fields.requiredValue("from_name", "a string, or null for none") { $0 == .null ? "" : $0.stringValue }
        try fields.check()
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await domains.update(asked.name, of: asked.reference, fromName: name, by: principal)
        return .json { DomainResources.domain.write(domain, to: &$0) }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        try await domains.delete(asked.name, of: asked.reference, by: principal)
        return .noContent
    }

    private func changeOwner(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let reference = fields.requiredString("partner_ref")
        try fields.check()
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await domains.changeOwner(of: asked.name, from: asked.reference, to: reference, by: principal)
        return .json { DomainResources.owned.write((domain, reference), to: &$0) }
    }

    private func approve(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await verification.approve(asked.name, of: asked.reference, by: principal)
        return .json { DomainResources.domain.write(domain, to: &$0) }
    }

    private func verify(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.optionalFields()
        // Null takes the MAIL FROM domain away.
        let mailFrom = fields?.value("mail_from", "a string, or null for none") { value in
            value == .null ? MailFromChange.off : value.stringValue.map(MailFromChange.set)
        }
        try fields?.check()
        let asked = try RequestedDomain(request, by: principal)
        let records = try await verification.start(asked.name, of: asked.reference, mailFrom: mailFrom, by: principal)
        return .json { VerificationResources.records.write(records, to: &$0) }
    }

    private func zone(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let records = try await dnsChecks.records(asked.name, of: asked.reference, by: principal)
        return .text(records.zoneFile, contentType: Self.zoneType)
    }

    /// RFC 4027.
    static let zoneType = "text/dns; charset=utf-8"

    private func status(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let status = try await verification.status(asked.name, of: asked.reference, by: principal)
        // Valid, because SES was asked about it.
        let shown = (try? DomainName(asked.name))?.description ?? asked.name
        return .json { VerificationResources.status.write((shown, status), to: &$0) }
    }

    private func checkDNS(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let check = try await dnsChecks.check(asked.name, of: asked.reference, by: principal)
        return .json { DNSCheckResources.check.write(check, to: &$0) }
    }
}
