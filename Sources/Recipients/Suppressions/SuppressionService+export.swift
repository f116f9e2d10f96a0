public import MailModel
import Storage

extension SuppressionService {
    private static let pageSize = 1000

    /// Passes on all entries of a list, a page at a time, each read by itself: no transaction is open while the page goes out.
    ///
    /// In no order that matters. What is added meanwhile may be missing; what is there from beginning to end is passed on once.
    public func export(
        matching filter: SuppressionFilter, of account: Account?, _ take: ([Suppression]) async throws -> Void
    ) async throws {
        // Without an account there is no filter.
        for part in account == nil ? [filter] : parts(of: filter) {
            var after: Int64?
            while true {
                let page = try await list(matching: part, of: account, after: after, limit: Self.pageSize)
                if !page.isEmpty { try await take(page) }
                guard page.count == Self.pageSize, let last = page.last else { break }
                after = last.id
            }
        }
    }

    /// Scope by scope and reason by reason, as the list lies in its index: a page of one part is read without looking at the others.
    private func parts(of filter: SuppressionFilter) -> [SuppressionFilter] {
        let scopes = filter.scope.map { [$0] } ?? (filter.sender == nil ? SuppressionEntry.Scope.allCases : [.sender])
        let reasons = filter.reason.map { [$0] } ?? SuppressionReason.allCases
        return scopes.flatMap { scope in
            reasons.map { reason in
                var part = filter
                (part.scope, part.reason) = (scope, reason)
                return part
            }
        }
    }
}
