package import MailModel

/// SES's calls for tenants: parts of the AWS account with a reputation of their own (Developer Guide, "Tenants").
package protocol SESTenants: Sendable {
    /// Makes a tenant (`CreateTenant`); one that exists already is returned as it is.
    ///
    /// - Throws: ``SESError``, with the code `LimitExceededException` where the region has no room for another.
    func createTenant(named name: String) async throws(SESError) -> SESTenant

    /// Returns a tenant (`GetTenant`).
    ///
    /// - Throws: ``SESError``, with the code `NotFoundException` where there is no such tenant.
    func tenant(named name: String) async throws(SESError) -> SESTenant

    /// Lets a tenant send with a configuration set or for an identity (`CreateTenantResourceAssociation`); a repetition is no error.
    func associate(_ resource: SESResource, with tenant: SESTenant) async throws(SESError)

    /// Returns what SES says of a tenant's reputation (`GetReputationEntity`).
    func verdict(onTenant arn: String) async throws(SESError) -> ProviderVerdict
}

/// A tenant of an AWS account in a region.
package struct SESTenant: Sendable, Equatable {
    /// Its name: 1 to 64 letters, digits, `-` and `_`.
    package var name: String
    /// Its ARN: `arn:aws:ses:eu-west-1:123456789012:tenant/name/tn-…`.
    package var arn: String
    /// Whether SES sends its mail; `nil` where it does not say.
    package var sendingStatus: ProviderStatus?

    /// Creates a tenant.
    package init(name: String, arn: String, sendingStatus: ProviderStatus? = nil) {
        self.name = name
        self.arn = arn
        self.sendingStatus = sendingStatus
    }
}

/// What a tenant sends with.
package enum SESResource: Sendable, Hashable {
    /// A configuration set, by its name.
    case configurationSet(String)
    /// A domain or an address.
    case identity(String)

    /// The last part of its ARN.
    package var path: String {
        switch self {
        case .configurationSet(let name): "configuration-set/" + name
        case .identity(let name): "identity/" + name
        }
    }

    /// Its ARN, in the partition, the region and the account of another one; `nil` where that is no ARN.
    package func arn(beside other: String) -> String? {
        let parts = other.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "ses", !parts[3].isEmpty, !parts[4].isEmpty else { return nil }
        return parts[..<5].joined(separator: ":") + ":" + path
    }
}
