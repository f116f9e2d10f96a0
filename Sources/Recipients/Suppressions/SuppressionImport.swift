package import MailModel
import Storage

/// Takes a file's entries into an account's list, some hundred at a time, so that a file of any length needs the memory of one batch.
///
/// What was taken in stays when the rest never comes: taking the file again passes over it.
package struct SuppressionImport: Sendable {
    /// What came of a file.
    package struct Report: Sendable, Equatable {
        package var imported: Int64 = 0
        /// Entries that were on the list already, or twice in the file.
        package var duplicates: Int64 = 0
        /// The first ``mostRejections`` lines that are no entries.
        package var rejected: [Rejection] = []
        package var rejectedCount: Int64 = 0
    }

    /// A line of the file that is no entry.
    package struct Rejection: Sendable, Equatable {
        package var line: Int
        package var explanation: String
    }

    /// The most rejected lines that a report names: a file of another kind must not fill the memory either.
    package static let mostRejections = 1000
    private static let batchSize = 500

    package private(set) var report = Report()
    private let store: Store
    private let account: Account
    private let syncsSES: Bool
    private var batch: [SuppressionEntry] = []

    package init(into account: Account, of service: SuppressionService) {
        store = service.store
        syncsSES = service.syncsSES
        self.account = account
    }

    package mutating func add(_ entry: SuppressionEntry) async throws {
        batch.append(entry)
        if batch.count == Self.batchSize { try await commit() }
    }

    package mutating func reject(line: Int, _ explanation: String) {
        report.rejectedCount += 1
        if report.rejected.count < Self.mostRejections { report.rejected.append(Rejection(line: line, explanation: explanation)) }
    }

    /// Takes in what is left.
    package mutating func finish() async throws {
        if !batch.isEmpty { try await commit() }
    }

    private mutating func commit() async throws {
        let imported = try await store.write { [batch, account, syncsSES] context in
            try batch.count { try context.suppress($0, accountID: account.id, source: .import, syncsSES: syncsSES) }
        }
        report.imported += Int64(imported)
        report.duplicates += Int64(batch.count - imported)
        batch.removeAll(keepingCapacity: true)
    }
}
