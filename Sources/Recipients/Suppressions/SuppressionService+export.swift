package import MailModel
import Storage

extension SuppressionService {
    private static let pageSize = 1000

    /// Passes on all entries of a list, a page at a time, each read by itself: no transaction is open while the page goes out.
    ///
    /// In no order that matters. What is added meanwhile may be missing; what is there from beginning to end is passed on once.
    package func export(
        matching filter: SuppressionFilter, of account: Account?, _ take: ([Suppression]) async throws -> Void
    ) async throws {
        // Without an account there is no filter.
        for part in account == nil ? [filter] : filter.parts {
            var after: Int64?
            while true {
                let page = try await list(matching: part, of: account, after: after, limit: Self.pageSize)
                if !page.isEmpty { try await take(page) }
                guard page.count == Self.pageSize, let last = page.last else { break }
                after = last.id
            }
        }
    }
}
