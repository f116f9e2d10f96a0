package import MailModel
import Storage

/// The import of a file into an account's suppression list, 500 entries at a time, so that a file of any length needs the memory of one batch.
///
/// What was imported stays when the rest never comes: importing the file again skips it as duplicates.
package struct SuppressionImport: Sendable {
    /// The result of an import.
    package struct Report: Sendable, Equatable {
        /// The number of new entries.
        package var imported: Int64 = 0
        /// Entries that were on the list already, or twice in the file.
        package var duplicates: Int64 = 0
        /// The first ``mostRejections`` lines that are no entries.
        package var rejected: [Rejection] = []
        /// The number of all lines that are no entries.
        package var rejectedCount: Int64 = 0
    }

    /// A line of the file that is no entry.
    package struct Rejection: Sendable, Equatable {
        /// The number of the line, from 1.
        package var line: Int
        /// What is wrong with it.
        package var explanation: String
    }

    /// The largest number of rejected lines that a report names: a file of another kind must not fill the memory.
    package static let mostRejections = 1000
    private static let batchSize = 500

    /// The result so far, of the entries that are committed and the lines that were rejected.
    package private(set) var report = Report()
    private let store: Store
    private let account: Account
    private let syncsSES: Bool
    private var batch: [SuppressionEntry] = []

    /// - Parameters:
    ///   - account: whose list the entries are for.
    ///   - service: the service that adds them.
    package init(into account: Account, of service: SuppressionService) {
        store = service.store
        syncsSES = service.syncsSES
        self.account = account
    }

    /// Adds an entry. Every 500th commits the batch.
    ///
    /// - Throws: ``StorageError``; earlier batches stay.
    package mutating func add(_ entry: SuppressionEntry) async throws {
        batch.append(entry)
        if batch.count == Self.batchSize { try await commit() }
    }

    /// Records a line that is no entry.
    package mutating func reject(line: Int, _ explanation: String) {
        report.rejectedCount += 1
        if report.rejected.count < Self.mostRejections { report.rejected.append(Rejection(line: line, explanation: explanation)) }
    }

    /// Commits the last batch.
    ///
    /// - Throws: ``StorageError``; earlier batches stay.
    package mutating func finish() async throws {
        if !batch.isEmpty { try await commit() }
    }

    private mutating func commit() async throws {
        let commands = batch.map { AddSuppression(entry: $0, accountID: account.id, source: .import, syncsSES: syncsSES) }
        let imported = try await store.write { tx in try commands.count { try $0.run(in: tx) } }
        report.imported += Int64(imported)
        report.duplicates += Int64(batch.count - imported)
        batch.removeAll(keepingCapacity: true)
    }
}
