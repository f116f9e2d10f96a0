package import MailModel
package import Storage

extension DomainService {
    /// A domain with the reference of its account.
    package struct Owned: Sendable, Equatable {
        package let domain: SendingDomain
        package let account: String
    }

    /// Domains that a person looks for, newest first.
    ///
    /// - Parameters:
    ///   - account: only this account's; `nil` for all that the caller may see.
    ///   - after: begin behind the domain of this id.
    package func search(
        _ filter: DomainFilter, account: Int64?, by principal: Principal, after: Int64?, limit: Int
    ) async throws -> [Owned] {
        var filter = filter
        // A whole name is looked for as it is stored.
        if let name = filter.text.flatMap({ try? DomainName($0) }) { filter.text = name.description }
        return try await store.read { [filter] context in
            let domains = try context.domains(of: principal.accountID ?? account, matching: filter, after: after, limit: limit)
            let references = try context.accountReferences(Set(domains.map(\.accountID)))
            return domains.map { Owned(domain: $0, account: references[$0.accountID] ?? "") }
        }
    }
}
