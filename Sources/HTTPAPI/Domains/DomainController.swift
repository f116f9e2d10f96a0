import Hummingbird
import MailModel
import Outbound
import Web

/// `/domains`: creation, lists, deletion, change of owner, and verification with SES (specification 3).
struct DomainController: Sendable {
    let domains: DomainService
    let verification: VerificationService
    let dnsChecks: DNSCheckService

    var operations: [Operation] {
        [
            Operation(.post, "/domains", .manage, Self.createDocumentation, create),
            Operation(.get, "/domains", .read, Self.listDocumentation, list),
            Operation(.get, "/domains/{name}", .read, Self.findDocumentation, find),
            Operation(.delete, "/domains/{name}", .manage, Self.deleteDocumentation, delete),
            .master(.put, "/domains/{name}/owner", Self.ownerDocumentation, changeOwner),
            Operation(.post, "/domains/{name}/ses-verify", .manage, Self.verifyDocumentation, verify),
            Operation(.get, "/domains/{name}/ses-status", .read, Self.statusDocumentation, status),
            Operation(.get, "/domains/{name}/dns-check", .read, Self.dnsCheckDocumentation, checkDNS),
        ]
    }

    private func create(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let name = fields.requiredString("name")
        let reference = fields.string("partner_ref")
        try fields.check()
        guard reference == nil || principal.isMaster else {
            throw APIError(.forbidden, "Master token required to set partner_ref")
        }
        let domain = try await domains.create(name: name, partnerReference: reference, by: principal)
        return .json(.created) { DomainResources.identity.write(domain, to: &$0) }
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let found = try await domains.list(by: principal, after: try request.query.after(), limit: try request.query.limit())
        return .array(found, write: DomainResources.domain.write)
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let domain = try await domains.find(try request.parameter("name"), by: principal)
        return .json { DomainResources.domain.write(domain, to: &$0) }
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        try await domains.delete(try request.parameter("name"), by: principal)
        return .noContent
    }

    private func changeOwner(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let reference = fields.requiredString("partner_ref")
        try fields.check()
        let domain = try await domains.changeOwner(of: try request.parameter("name"), to: reference)
        return .json { DomainResources.owned.write((domain, reference), to: &$0) }
    }

    private func verify(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let records = try await verification.start(try request.parameter("name"), by: principal)
        return .json { VerificationResources.records.write(records, to: &$0) }
    }

    private func status(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let name = try request.parameter("name")
        let status = try await verification.status(name, by: principal)
        // Valid, because SES was asked about it.
        let shown = (try? DomainName(name))?.description ?? name
        return .json { VerificationResources.status.write((shown, status), to: &$0) }
    }

    private func checkDNS(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let check = try await dnsChecks.check(try request.parameter("name"), by: principal)
        return .json { DNSCheckResources.check.write(check, to: &$0) }
    }
}
