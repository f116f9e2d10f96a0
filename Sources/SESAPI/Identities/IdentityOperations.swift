import MailModel
import Outbound

/// The calls about identities: the account's domains and single addresses, each with its own rules.
struct IdentityOperations: Sendable {
    let directory: IdentityDirectory

    /// The most identities in one call of `GetIdentityVerificationAttributes` (Amazon SES API reference).
    private static let mostAsked = 100

    /// The calls of version 1.
    var queryOperations: [QueryOperation] {
        [
            QueryOperation("VerifyDomainIdentity", .domainsCreate, .domainsVerify) { parameters, caller in
                let records = try await directory.verify(domain: try parameters.required("Domain"), by: caller.principal)
                return { $0.element("VerificationToken", records.token) }
            },
            QueryOperation("VerifyDomainDkim", .domainsCreate, .domainsVerify) { parameters, caller in
                let records = try await directory.verify(domain: try parameters.required("Domain"), by: caller.principal)
                return { $0.list("DkimTokens", records.dkimTokens) }
            },
            QueryOperation("VerifyEmailIdentity", .sendersManage) { parameters, caller in
                _ = try await directory.verify(address: try parameters.required("EmailAddress"), by: caller.principal)
                return { _ in }
            },
            QueryOperation("DeleteIdentity", .domainsDelete, .sendersManage) { parameters, caller in
                try await delete(try parameters.required("Identity"), caller)
                return { _ in }
            },
            QueryOperation("GetIdentityVerificationAttributes", .domainsRead, .sendersRead) { parameters, caller in
                let found = try await find(parameters.list("Identities"), caller)
                return Self.attributes("VerificationAttributes", of: found) { identity, value in
                    value.element("VerificationStatus", identity.status.rawValue)
                }
            },
            QueryOperation("GetIdentityDkimAttributes", .domainsRead, .sendersRead) { parameters, caller in
                let found = try await find(parameters.list("Identities"), caller)
                return Self.attributes("DkimAttributes", of: found) { identity, value in
                    value.element("DkimEnabled", String(identity.isDomain))
                    value.element("DkimVerificationStatus", identity.dkim.rawValue)
                }
            },
            QueryOperation("ListIdentities", .domainsRead, .sendersRead) { parameters, caller in
                let listing = try await list(parameters, caller)
                return { result in
                    result.list("Identities", listing.identities.map(\.name))
                    if let next = listing.next { result.element("NextToken", next) }
                }
            },
        ]
    }

    private func find(_ names: [String], _ caller: SESCaller) async throws -> [IdentityDirectory.Identity] {
        guard names.count <= Self.mostAsked else { throw SESFault.invalid("Expected at most \(Self.mostAsked) identities.") }
        var found: [IdentityDirectory.Identity] = []
        for name in names {
            if let identity = try await directory.find(name, by: caller.principal) { found.append(identity) }
        }
        return found
    }

    /// Idempotent, as at SES: an identity that there is not is deleted already.
    private func delete(_ name: String, _ caller: SESCaller) async throws {
        do {
            try await directory.delete(name, by: caller.principal)
        } catch let refusal as Refusal where refusal.kind == .notFound {}
    }

    private func list(_ parameters: FormParameters, _ caller: SESCaller) async throws -> IdentityDirectory.Listing {
        let kinds: (domains: Bool, addresses: Bool) =
            switch parameters["IdentityType"] {
            case nil, "": (true, true)
            case "Domain": (true, false)
            case "EmailAddress": (false, true)
            default: throw SESFault.invalid("IdentityType: expected EmailAddress or Domain")
            }
        let limit = try PageSize.limit(parameters["MaxItems"])
        return try await directory.list(kinds, after: parameters["NextToken"], limit: limit, by: caller.principal)
    }

    private static func attributes(
        _ name: String, of identities: [IdentityDirectory.Identity],
        _ write: @escaping @Sendable (IdentityDirectory.Identity, inout XMLWriter) -> Void
    ) -> QueryAnswer {
        { result in
            result.element(name) { map in
                for identity in identities {
                    map.element("entry") { entry in
                        entry.element("key", identity.name)
                        entry.element("value") { write(identity, &$0) }
                    }
                }
            }
        }
    }
}

/// The size of a page.
enum PageSize {
    /// Returns the number in a text; 100 where there is none.
    static func limit(_ text: String?) throws(SESFault) -> Int {
        guard let text, !text.isEmpty else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else { throw .invalid("The size of a page: expected 1 to 1000") }
        return limit
    }
}
