package import MailModel
package import Storage

/// The outbound control of accounts: their limits, what counts against them, and their usage by the day (specification 3.14, 3.15).
///
/// Every method throws ``Refusal`` for a caller's mistake, and storage's own errors otherwise.
package struct AccountService: Sendable {
    private let store: Store

    /// A service on a store.
    package init(store: Store) {
        self.store = store
    }

    /// Returns accounts with some of their domains, newest first.
    ///
    /// For the operator only: the interfaces check that.
    ///
    /// - Parameters:
    ///   - text: how their references begin; `nil` for all.
    ///   - after: begin behind this account's id.
    package func list(beginningWith text: String?, after: Int64?, limit: Int) async throws -> [AccountSummary] {
        try await store.read { tx in
            guard let text else { return try tx.accounts.listSummaries(nil, after: after, limit: limit) }
            return try tx.accounts.listSummaries(beginningWith: text, after: after, limit: limit)
        }
    }

    /// Returns the limits of an account, their use, and its number of domains.
    package func outbound(of reference: String, by principal: Principal) async throws -> AccountOutbound {
        try await store.read { tx -> Result<AccountOutbound, Refusal> in
            switch try OwnedAccount(reference: reference, principal: principal).find(in: tx) {
            case .success(let account): .success(try tx.quotas.outbound(of: account))
            case .failure(let refusal): .failure(refusal)
            }
        }.get()
    }

    /// Changes the limits of an account: all of them or, when a value is refused, none.
    ///
    /// For the operator only: the interfaces check that.
    @discardableResult
    package func updateLimits(
        of reference: String, _ changes: AccountLimitsChanges, by principal: Principal
    ) async throws -> AccountOutbound {
        if let fault = changes.fault { throw Refusal.invalid(fault.field, fault.explanation) }
        let id = try await store.read { try OwnedAccount(reference: reference, principal: principal).find(in: $0).map(\.id) }.get()
        let command = UpdateAccountLimits(accountID: id, changes: changes, principal: principal)
        return try await store.write(.accounts([id])) { try command.run(in: $0) }.get()
    }

    /// The days, accounts and domains of a usage.
    package struct UsageFilter: Sendable {
        /// The first and the last day.
        package var days: ClosedRange<CalendarDay>
        /// Only this account's, which the caller has to be allowed to access; `nil` for all that the caller may access.
        package var account: String?
        /// Only that of domains of this name; `nil` for all, and for single senders.
        package var domain: DomainName?

        /// The usage of days.
        package init(days: ClosedRange<CalendarDay>, account: String? = nil, domain: DomainName? = nil) {
            self.days = days
            self.account = account
            self.domain = domain
        }
    }

    /// The most days of one answer.
    package static let mostDays: Int64 = 92
    /// The most entries of one answer.
    package static let mostEntries = 100_000

    /// Returns what was sent, refused and came back, by the day.
    ///
    /// - Throws: ``Refusal`` with `rangeTooLong` for more than ``mostDays``, or ``mostEntries``.
    package func usage(_ filter: UsageFilter, by principal: Principal) async throws -> [UsageEntry] {
        let length = filter.days.upperBound.number - filter.days.lowerBound.number + 1
        guard length <= Self.mostDays else {
            throw Refusal.invalid("until", code: .rangeTooLong, "expected at most \(Self.mostDays) days behind since")
        }
        let found = try await store.read { tx -> Result<[UsageEntry], Refusal> in
            let account = try filter.account.map { try OwnedAccount(reference: $0, principal: principal).find(in: tx) }
            if case .failure(let refusal)? = account { return .failure(refusal) }
            let accountID = try account?.get().id ?? principal.accountID
            return .success(
                try tx.usage.list(of: accountID, domain: filter.domain, days: filter.days, limit: Self.mostEntries + 1))
        }.get()
        guard found.count <= Self.mostEntries else {
            throw Refusal.invalid(
                "since", code: .rangeTooLong, "there are more than \(Self.mostEntries) entries, ask for fewer days or one domain")
        }
        return found
    }
}
