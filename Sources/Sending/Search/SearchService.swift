package import MailModel
package import Storage

/// Finds what a text names, whatever it is: the search of the dashboard, and `GET /search` (specification 5.15).
///
/// A customer finds its own; the master that of all accounts, or of one.
package struct SearchService: Sendable {
    private let store: Store

    /// How many domains, accounts, campaigns and addresses are found.
    package static let mostOfKind = 10
    /// The shortest text that addresses, domains and accounts are found by.
    package static let shortest = 2
    /// The longest text that is searched for.
    package static let longest = 320

    /// Creates the service.
    package init(store: Store) {
        self.store = store
    }

    /// Something that a text names.
    package enum Found: Sendable, Equatable {
        /// An email, by its id or SES's.
        case email(Email)
        /// A whole address, or one that begins with the text.
        case address(EmailAddress)
        /// A sending domain, by a part of its name, and its account's reference.
        case domain(DomainName, userName: String)
        /// A domain to which emails were sent.
        case recipientDomain(DomainName)
        /// An account, by the beginning of its reference.
        case account(Account)
        /// A campaign, by its `externalId`, and its account's reference.
        case campaign(String, userName: String)
    }

    /// Returns what a text names: what it names exactly comes first, and is not looked further for.
    ///
    /// - Parameter account: the account that the master means; `nil` for all.
    package func find(_ text: String, by principal: Principal, of account: Int64? = nil) async throws -> [Found] {
        guard (1...Self.longest).contains(text.utf8.count) else { return [] }
        let search = TextSearch(text: text, accountID: principal.accountID ?? account, principal: principal)
        return try await store.read { try search.run(in: $0) }
    }
}

/// A search in one snapshot.
private struct TextSearch: Sendable {
    let text: String
    let accountID: Int64?
    let principal: Principal

    func run(in tx: some ReadableTransaction) throws -> [SearchService.Found] {
        if let email = try email(in: tx) { return [.email(email)] }
        if let address = try? EmailAddress(text) { return [.address(address)] }
        guard text.count >= SearchService.shortest else { return try campaigns(in: tx) }
        let beginnings = try tx.segments.recipients(beginningWith: text, of: accountID, limit: SearchService.mostOfKind)
        return try accounts(in: tx) + campaigns(in: tx) + domains(in: tx) + recipientDomain(in: tx) + beginnings.map { .address($0) }
    }

    private func email(in tx: some ReadableTransaction) throws -> Email? {
        guard let id = try EmailID(text) ?? tx.sesMessages.find(sesID), let email = try tx.emails.find(id) else { return nil }
        let isOfAccount = accountID.map { $0 == email.accountID } ?? true
        return isOfAccount && principal.mayAccess(account: email.accountID) ? email : nil
    }

    /// SES's id, also as it stands in `Message-ID`: `<0102…@eu-west-1.amazonses.com>`.
    private var sesID: String {
        let inner = text.hasPrefix("<") && text.hasSuffix(">") ? text.dropFirst().dropLast() : text[...]
        return inner.hasSuffix(".amazonses.com") ? String(inner.prefix { $0 != "@" }) : String(inner)
    }

    private func accounts(in tx: some ReadableTransaction) throws -> [SearchService.Found] {
        guard principal.may(.accountsRead), !text.contains("@") else { return [] }
        let exact = try tx.accounts.find(reference: text)
        let others = try tx.accounts.listSummaries(beginningWith: text, after: nil, limit: SearchService.mostOfKind).map(\.account)
        return ((exact.map { [$0] } ?? []) + others.filter { $0.id != exact?.id }).map { .account($0) }
    }

    private func domains(in tx: some ReadableTransaction) throws -> [SearchService.Found] {
        guard principal.may(.domainsRead), !text.contains("@") else { return [] }
        let found = try tx.domains.list(
            of: accountID, matching: DomainFilter(text: text), after: nil, limit: SearchService.mostOfKind)
        let references = try tx.accounts.references(Set(found.map(\.accountID)))
        return found.map { .domain($0.name, userName: references[$0.accountID] ?? "") }
    }

    /// The domain after an `@`, or the whole text, if emails were sent to it.
    private func recipientDomain(in tx: some ReadableTransaction) throws -> [SearchService.Found] {
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        guard let domain = try? DomainName(name) else { return [] }
        var filter = EmailFilter()
        filter.recipientDomain = domain
        let page = try tx.emails.page(matching: filter, of: accountID, after: nil, limit: 1)
        return page.emails.isEmpty ? [] : [.recipientDomain(domain)]
    }

    /// The campaigns of this name: of all accounts those of the latest emails that have it.
    private func campaigns(in tx: some ReadableTransaction) throws -> [SearchService.Found] {
        guard principal.may(.reportsRead) else { return [] }
        if let accountID {
            return try tx.campaigns.find(text, of: accountID).map { [.campaign($0.externalID, userName: $0.userName)] } ?? []
        }
        var filter = EmailFilter()
        filter.externalID = text
        let names = try tx.emails.page(matching: filter, of: nil, after: nil, limit: SearchService.mostOfKind).emails.map(\.userName)
        return Set(names).sorted().map { .campaign(text, userName: $0) }
    }
}
