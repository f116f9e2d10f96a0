package import MailModel
import Storage

/// The import of a file into an account's suppression list, 500 entries at a time, so that a file of any length needs the memory of one batch.
///
/// What was imported stays when the rest never comes: importing the file again skips it as duplicates. The audit log has one row about it, written
/// with the last entries (``finish()``), or when the file breaks off (``abandon()``).
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
    private let principal: Principal
    private var batch: [SuppressionEntry] = []

    /// - Parameters:
    ///   - account: whose list the entries are for.
    ///   - service: the service that adds them.
    ///   - principal: who imports them.
    package init(into account: Account, of service: SuppressionService, by principal: Principal) {
        store = service.store
        self.account = account
        self.principal = principal
    }

    /// Adds an entry.
    ///
    /// After 500 the next one commits the batch.
    ///
    /// - Throws: ``StorageError``; earlier batches stay.
    package mutating func add(_ entry: SuppressionEntry) async throws {
        batch.append(entry)
        // The last entries wait for `finish`: the row of the audit log is written with them.
        if batch.count > Self.batchSize { try await commit(batch.count - 1) }
    }

    /// Records a line that is no entry.
    package mutating func reject(line: Int, _ explanation: String) {
        report.rejectedCount += 1
        if report.rejected.count < Self.mostRejections { report.rejected.append(Rejection(line: line, explanation: explanation)) }
    }

    /// Commits the last batch, and with it the row of the audit log.
    ///
    /// - Throws: ``StorageError``; earlier batches stay.
    package mutating func finish() async throws {
        if !batch.isEmpty { try await commit(batch.count, isLast: true) }
    }

    /// Writes the row of the audit log about the batches that are committed, when the rest of the file does not come.
    ///
    /// A failure to write it is not reported: the failure before it is.
    package func abandon() async {
        guard report.imported > 0 else { return }
        let change = change(report, isComplete: false)
        _ = try? await store.write { [principal] in try $0.audit.insert(change, by: .principal(principal)) }
    }

    private mutating func commit(_ count: Int, isLast: Bool = false) async throws {
        let commands = batch.prefix(count).map { AddSuppression(entry: $0, accountID: account.id, source: .import) }
        let imported = try await store.write { [self] tx in
            let imported = try commands.count { try $0.run(in: tx) }
            let total = report.adding(imported, of: commands.count)
            if isLast, total.imported > 0 { try tx.audit.insert(change(total, isComplete: true), by: .principal(principal)) }
            return imported
        }
        report = report.adding(imported, of: count)
        batch.removeFirst(count)
    }

    private func change(_ report: Report, isComplete: Bool) -> AuditChange {
        AuditChange(
            .suppressionImport, target: .account(account.reference), account: account.id,
            after: [
                "imported": .integer(report.imported), "duplicates": .integer(report.duplicates),
                "rejected": .integer(report.rejectedCount),
                "complete": .boolean(isComplete),
            ])
    }
}

extension SuppressionImport.Report {
    /// The report after a batch of `count` entries, of which `imported` were new.
    fileprivate func adding(_ imported: Int, of count: Int) -> Self {
        var report = self
        report.imported += Int64(imported)
        report.duplicates += Int64(count - imported)
        return report
    }
}
