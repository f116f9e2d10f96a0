import Database
package import MailModel

extension ReadableTransaction {
    /// The erasure of recipients.
    package var erasures: Erasures<Self> { Erasures(tx: self) }
}

/// The erasure of what is known of a recipient, in phases, each in bounded steps (specification 9.6).
///
/// What is to be erased is looked for on a snapshot, which holds up nobody; a step of housekeeping then erases what was found, if it is still
/// what it was. How far a job has come is stored with each step.
package struct Erasures<Tx: ReadableTransaction> {
    let tx: Tx
}

/// A part of an erasure, in the order in which they run.
enum ErasurePhase: String, CaseIterable {
    case emails, subscriptions, suppressions, refusals, events, receipts
    /// The log of the engine, which has the old content of pages.
    case log

    var next: ErasurePhase? {
        let all = Self.allCases
        return all.firstIndex(of: self).flatMap { all.indices.contains($0 + 1) ? all[$0 + 1] : nil }
    }
}

/// What the next step of a job erases.
package struct ErasureBatch: Sendable {
    enum Found: Sendable {
        case emails([Email])
        case subscriptions([SubscriptionID])
        case suppressions([Int64])
        case refusals([[UInt8]])
        case events([Int64])
        case receipts([String])
        /// What is not found by rows: see ``Store/perform(_:)``.
        case engine
    }

    /// The job.
    package var job: JobID
    var address: EmailAddress
    var accountID: Int64?
    var found: Found
    var phase: ErasurePhase
    /// The position of the phase after the step; `nil` where the phase begins anew.
    var position: String?
    /// Whether the phase has found all.
    var isLast: Bool
}

/// What a step has done.
package enum ErasureProgress: Sendable, Equatable {
    /// There is more to do.
    case worked
    /// What is left cannot be erased yet: attempts of emails are under way.
    case waits
    /// The job is done.
    case done
}

extension Erasures {
    private static var emailsPerStep: Int { 25 }
    private static var rowsPerStep: Int { 200 }
    private static var rowsPerLook: Int { 2000 }

    /// Returns what the next step of a job erases; `nil` where the job has ended.
    package func next(of id: JobID) throws -> ErasureBatch? {
        let stored = try tx.sql.first("\(JobRow.select) WHERE id = ?1 AND state IN ('queued', 'running')", [.id(id)], JobRow.decode)
        guard let stored, let address = stored.address else { return nil }
        var batch = ErasureBatch(
            job: id, address: address, accountID: stored.job.accountID, found: .engine, phase: stored.phase, position: nil, isLast: true)
        switch stored.phase {
        case .emails: try findEmails(&batch, after: stored.position.flatMap(EmailID.init))
        case .subscriptions:
            let found = try subscriptions(of: address, accountID: batch.accountID, limit: Self.rowsPerStep)
            (batch.found, batch.isLast) = (.subscriptions(found.map(\.id)), found.count < Self.rowsPerStep)
        case .suppressions:
            let found = try suppressions(of: address, accountID: batch.accountID, limit: Self.rowsPerStep)
            (batch.found, batch.isLast) = (.suppressions(found), found.count < Self.rowsPerStep)
        case .refusals: try findRefusals(&batch, after: stored.position)
        case .events: try findEvents(&batch, after: stored.position)
        case .receipts: try findReceipts(&batch, after: stored.position)
        case .log: break
        }
        return batch
    }

    /// The emails to the address, however its local part is written.
    private func findEmails(_ batch: inout ErasureBatch, after: EmailID?) throws {
        var filter = EmailFilter()
        filter.recipient = batch.address
        filter.recipientInAnyCase = true
        let page = try tx.emails.page(matching: filter, of: batch.accountID, after: after, limit: Self.emailsPerStep)
        batch.found = .emails(page.emails)
        batch.isLast = page.next == nil
        batch.position = page.next?.description
    }

    /// Returns the subscriptions of an address.
    package func subscriptions(of address: EmailAddress, accountID: Int64?, limit: Int) throws -> [Subscription] {
        try tx.sql.query(
            """
            SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE address_key = ?1 AND account_id = COALESCE(?2, account_id)
            ORDER BY id LIMIT ?3
            """, [.text(address.suppressionKey), .integer(accountID), .integer(limit)], SubscriptionRow.decode)
    }

    /// Returns the ids of suppressions that have the address.
    private func suppressions(of address: EmailAddress, accountID: Int64?, limit: Int) throws -> [Int64] {
        try tx.sql.query(
            """
            SELECT s.id FROM accounts a JOIN suppressions s ON s.account_id = a.id AND s.address = ?1
            WHERE a.id = COALESCE(?2, a.id) ORDER BY s.id LIMIT ?3
            """, [.text(address.suppressionKey), .integer(accountID), .integer(limit)]
        ) { $0.integer(0) }
    }

    private func findRefusals(_ batch: inout ErasureBatch, after position: String?) throws {
        let needle = batch.address.suppressionKey
        let last = position.flatMap(EmailID.init)?.bytes ?? []
        let rows = try tx.sql.query(
            """
            SELECT id, account_id, recipient, explanation FROM refusals WHERE id > ?1 ORDER BY id LIMIT ?2
            """, [.blob(last), .integer(Self.rowsPerLook)]
        ) { row in
            let isFound = row.text(2).lowercased() == needle || row.text(3).lowercased().contains(needle)
            return (id: row.blob(0), isFound: isFound && (batch.accountID ?? row.integer(1)) == row.integer(1))
        }
        batch.found = .refusals(rows.filter(\.isFound).map(\.id))
        batch.isLast = rows.count < Self.rowsPerLook
        batch.position = rows.last.flatMap { EmailID(bytes: $0.id) }?.description
    }

    /// Events belong to no account: those of an account are those from one of its domains or senders.
    private func findEvents(_ batch: inout ErasureBatch, after position: String?) throws {
        let needle = batch.address.suppressionKey
        let rows = try tx.sql.query(
            "SELECT id, source, payload, effect FROM unmatched_events WHERE id > ?1 ORDER BY id LIMIT ?2",
            [.integer(position.flatMap { Int64($0) } ?? 0), .integer(Self.rowsPerStep)]
        ) { row in
            (
                id: row.integer(0), source: row.optionalText(1),
                isFound: row.text(2).lowercased().contains(needle) || row.text(3).lowercased().contains(needle)
            )
        }
        let found = try rows.filter(\.isFound).filter { try batch.accountID == nil || account(of: $0.source) == batch.accountID }
        batch.found = .events(found.map(\.id))
        batch.isLast = rows.count < Self.rowsPerStep
        batch.position = rows.last.map { String($0.id) }
    }

    private func account(of source: String?) throws -> Int64? {
        guard let sender = source.map(EmailAddress.init(validated:)) else { return nil }
        if let sender = try tx.senders.find(sender) { return sender.accountID }
        return try tx.domains.findProven(sender.domain)?.accountID
    }

    /// Receipts name no account: they go with an erasure in all accounts.
    private func findReceipts(_ batch: inout ErasureBatch, after position: String?) throws {
        guard batch.accountID == nil else { return batch.found = .receipts([]) }
        let needle = batch.address.suppressionKey
        let names = try tx.sql.query(
            "SELECT message_id FROM sns_receipts WHERE message_id > ?1 ORDER BY message_id LIMIT ?2",
            [.text(position ?? ""), .integer(Self.rowsPerLook)]
        ) { $0.text(0) }
        batch.found = .receipts(names.filter { $0.lowercased().contains(needle) })
        batch.isLast = names.count < Self.rowsPerLook
        batch.position = names.last
    }
}

extension Store {
    /// Does what a batch asks of the engine, outside of a transaction.
    ///
    /// - Returns: false where that is not possible at present.
    /// - Throws: ``StorageError``
    package func perform(_ batch: ErasureBatch) async throws -> Bool {
        guard batch.phase == .log else { return true }
        return try await emptyLog()
    }
}
