/// For what tenants are made at the provider (specification 6.7).
package enum TenantMode: String, Sendable, CaseIterable {
    /// For nothing: all mail is the account's at the provider.
    case off
    /// For each account.
    case account
    /// For each domain; mail of an account's verified single addresses has the account's tenant.
    case domain

    /// Whose tenant an email's is; `nil` for none.
    package func subject(of origin: SendingOrigin) -> TenantSubject? {
        switch self {
        case .off: nil
        case .account: .account(origin.accountID)
        case .domain: origin.domainID.map(TenantSubject.domain) ?? .account(origin.accountID)
        }
    }
}

/// How tenants are made and used (specification 6.7).
package struct TenantSettings: Sendable, Equatable {
    /// For what they are made.
    package var mode = TenantMode.off
    /// The most that are made: SES allows 10,000 in a region (AWS: "Service quotas in Amazon SES").
    package var limit = 10_000

    /// No tenants.
    package init() {}
}

/// What a tenant is made for.
package enum TenantSubject: Sendable, Hashable {
    /// An account, by its id.
    case account(Int64)
    /// A domain, by its id.
    case domain(Int64)

    /// `account` or `domain`.
    package var kind: String {
        switch self {
        case .account: "account"
        case .domain: "domain"
        }
    }

    /// The id of the account or domain.
    package var id: Int64 {
        switch self {
        case .account(let id), .domain(let id): id
        }
    }

    /// Returns the name of its tenant: readable, unique by its id, and of what the provider takes (64 letters, digits, `-` and `_`).
    ///
    /// - Parameter label: the account's reference, or the domain's name.
    package func tenantName(for label: String) -> String {
        let readable = label.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
        return String(readable) + "-" + String(kind.prefix(1)) + String(id, radix: 36)
    }
}

/// A tenant at the provider.
package struct ProviderTenant: Sendable, Equatable {
    /// What it was made for.
    package var subject: TenantSubject
    /// Its name at the provider.
    package var name: String
    /// Its ARN.
    package var arn: String
    /// What the provider says of it; `nil` where it was not asked yet.
    package var verdict: ProviderVerdict?
    /// When the provider was asked last.
    package var checkedAt: Timestamp?
    /// When the verdict changed last.
    package var changedAt: Timestamp?

    /// A tenant of which nothing is known yet.
    package init(subject: TenantSubject, name: String, arn: String) {
        self.subject = subject
        self.name = name
        self.arn = arn
    }
}

/// A tenant with the name of the domain that it was made for.
package struct NamedTenant: Sendable, Equatable {
    /// The tenant.
    package var tenant: ProviderTenant
    /// The domain; `nil` for the tenant of an account.
    package var domain: DomainName?

    /// A tenant of a domain, or of an account.
    package init(_ tenant: ProviderTenant, domain: DomainName?) {
        self.tenant = tenant
        self.domain = domain
    }
}
