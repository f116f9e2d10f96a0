import Encoding
import JSON
package import MailModel

extension SESClient: SESTenants {
    /// Calls `CreateTenant`, and `GetTenant` where it exists.
    package func createTenant(named name: String) async throws(SESError) -> SESTenant {
        let answer: JSONObject
        do {
            answer = try await callV2Patiently("POST", "tenants", Self.body(tenant: name))
        } catch {
            guard error.code == "AlreadyExistsException" else { throw error }
            return try await tenant(named: name)
        }
        return try SESTenant(answer, name)
    }

    /// Calls `GetTenant`.
    package func tenant(named name: String) async throws(SESError) -> SESTenant {
        let answer = try await callV2("POST", "tenants/get", Self.body(tenant: name))
        guard let tenant = answer["Tenant"]?.objectValue else { throw .unreadable }
        return try SESTenant(tenant, name)
    }

    /// Calls `CreateTenantResourceAssociation`.
    package func associate(_ resource: SESResource, with tenant: SESTenant) async throws(SESError) {
        guard let arn = resource.arn(beside: tenant.arn) else { throw .unreadable }
        do {
            try await callV2Patiently("POST", "tenants/resources", Self.body(tenant: tenant.name, resource: arn))
        } catch {
            guard error.code == "AlreadyExistsException" else { throw error }
        }
    }

    /// Calls `GetReputationEntity`.
    package func verdict(onTenant arn: String) async throws(SESError) -> ProviderVerdict {
        let answer = try await callV2Patiently("GET", "reputation/entities/RESOURCE/" + PercentEncoding.encode(arn))
        guard let verdict = answer["ReputationEntity"]?.objectValue.flatMap(ProviderVerdict.init) else { throw .unreadable }
        return verdict
    }

    /// Calls `GetConfigurationSet`.
    package func isSendingEnabled(configurationSet name: String) async throws(SESError) -> Bool {
        let answer = try await callV2("GET", "configuration-sets/" + PercentEncoding.encode(name))
        // Where it says nothing, the set was never paused.
        return answer["SendingOptions"]?.objectValue?["SendingEnabled"]?.boolValue ?? true
    }

    private static func body(tenant name: String, resource: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("TenantName", name)
            if let resource { writer.member("ResourceArn", resource) }
        }
        return writer.bytes
    }
}

extension SESTenant {
    fileprivate init(_ object: JSONObject, _ name: String) throws(SESError) {
        guard let arn = object["TenantArn"]?.stringValue, !arn.isEmpty else { throw .unreadable }
        self.init(name: name, arn: arn, sendingStatus: object["SendingStatus"]?.stringValue.flatMap(ProviderStatus.init(rawValue:)))
    }
}

extension ProviderVerdict {
    /// Reads a `ReputationEntity`; `nil` where it does not say whether SES sends.
    fileprivate init?(_ entity: JSONObject) {
        guard let status = entity["SendingStatusAggregate"]?.stringValue.flatMap(ProviderStatus.init(rawValue:)) else { return nil }
        let provider = entity["AwsSesManagedStatus"]?.objectValue
        let owner = entity["CustomerManagedStatus"]?.objectValue
        let policy = entity["ReputationManagementPolicy"]?.stringValue?.split(separator: "/").last.map(String.init)
        self.init(
            status: status, providerStatus: provider?["Status"]?.stringValue.flatMap(ProviderStatus.init(rawValue:)),
            providerCause: provider?["Cause"]?.stringValue,
            ownerStatus: owner?["Status"]?.stringValue.flatMap(ProviderStatus.init(rawValue:)), ownerCause: owner?["Cause"]?.stringValue,
            impact: entity["ReputationImpact"]?.stringValue, policy: policy)
    }
}
