package import MailModel
package import Storage

/// Reads the audit log (specification 2.7).
///
/// The services write it, each in the transactions of its changes: there is no call that adds a row, and none that changes one.
package struct AuditService: Sendable {
    private static let pageSize = 1000

    private let store: Store

    /// A service on a database.
    package init(store: Store) {
        self.store = store
    }

    /// Returns rows, newest first: those of the caller's account, or of all for the master.
    ///
    /// - Parameters:
    ///   - account: only those of this account, for the master; `nil` for all.
    ///   - after: the last row of the page before; `nil` for the first page.
    package func list(
        matching filter: AuditFilter, by principal: Principal, of account: Account? = nil, after: AuditID?, limit: Int
    ) async throws -> [AuditEntry] {
        let accountID = principal.accountID ?? account?.id
        return try await store.read { try $0.audit.list(matching: filter, of: accountID, after: after, limit: limit) }
    }

    /// Passes all rows to a closure, newest first, in pages of up to 1000, each read by itself: no transaction is open while the closure runs.
    ///
    /// - Parameters:
    ///   - account: as in ``list(matching:by:of:after:limit:)``.
    ///   - body: called with each page, which is never empty.
    /// - Throws: what `body` threw, or ``StorageError``.
    package func export(
        matching filter: AuditFilter, by principal: Principal, of account: Account? = nil, _ body: ([AuditEntry]) async throws -> Void
    ) async throws {
        var after: AuditID?
        while true {
            let page = try await list(matching: filter, by: principal, of: account, after: after, limit: Self.pageSize)
            if !page.isEmpty { try await body(page) }
            guard page.count == Self.pageSize, let last = page.last else { return }
            after = last.id
        }
    }
}
