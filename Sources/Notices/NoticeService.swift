package import MailModel
package import Storage

/// The contacts of accounts (specification 7.3).
///
/// Every method throws ``Refusal`` for a caller's mistake, and storage's own errors otherwise.
package struct NoticeService: Sendable {
    private let store: Store

    /// A service on a store.
    package init(store: Store) {
        self.store = store
    }

    /// Returns who is mailed the notices of an account.
    package func contacts(of reference: String, by principal: Principal) async throws -> [NoticeContact] {
        try await store.read { tx -> Result<[NoticeContact], Refusal> in
            guard let account = try tx.accounts.find(reference: reference), principal.mayAccess(account: account.id) else {
                return .failure(.notFound("Account"))
            }
            return .success(try tx.noticeContacts.list(of: account.id))
        }.get()
    }

    /// Replaces who is mailed the notices of an account.
    ///
    /// - Throws: ``Refusal`` for more than ``NoticeContact/maximumCount``, or an address that is given twice.
    package func setContacts(
        of reference: String, _ contacts: [NoticeContact], by principal: Principal
    ) async throws -> [NoticeContact] {
        var seen: Set<String> = []
        for (index, contact) in contacts.enumerated() where !seen.insert(contact.address.suppressionKey).inserted {
            throw Refusal.invalid("[\(index)].address", "the address stands in the list already")
        }
        let account = try await store.read { try $0.accounts.find(reference: reference) }
        guard let account, principal.mayAccess(account: account.id) else { throw Refusal.notFound("Account") }
        let command = SetContacts(account: account, contacts: contacts, principal: principal)
        try await store.write(.accounts([account.id])) { try command.run(in: $0) }
        return contacts
    }
}

/// Replaces the contacts of an account, whose row its intent has locked.
struct SetContacts: Sendable {
    let account: Account
    let contacts: [NoticeContact]
    let principal: Principal

    func run(in tx: Transaction) throws {
        _ = try tx.accounts.findForUpdate(account.id)
        let before = try tx.noticeContacts.list(of: account.id)
        guard before != contacts else { return }
        try tx.noticeContacts.replace(contacts, of: account.id)
        let change = AuditChange(
            .accountContacts, target: .account(account.reference), account: account.id,
            before: ["contacts": .strings(before.map(\.auditText))], after: ["contacts": .strings(contacts.map(\.auditText))])
        try tx.audit.insert(change, by: .principal(principal))
    }
}

extension NoticeContact {
    /// The contact as the audit log has it: without the address, which is a person's.
    fileprivate var auditText: String {
        let kinds = events.isEmpty ? "all" : events.map(\.rawValue).joined(separator: " ")
        return "\(address.masked) \(language.rawValue): \(kinds)"
    }
}
