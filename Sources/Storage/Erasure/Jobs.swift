import Database
import JSON
package import MailModel

extension ReadableTransaction {
    /// The jobs that go on in the background.
    package var jobs: Jobs<Self> { Jobs(tx: self) }
}

/// The jobs that go on in the background, and those that have ended, with their receipts (specification 9.6).
package struct Jobs<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Jobs {
    /// Returns a job; `nil` where there is none.
    package func find(_ id: JobID) throws -> Job? {
        try tx.sql.first("\(JobRow.select) WHERE id = ?1", [.id(id)], JobRow.decode)?.job
    }

    /// Returns the jobs that have not ended, in the order in which they were asked for.
    package func listOpen(limit: Int) throws -> [JobID] {
        try tx.sql.query(
            "SELECT id FROM jobs WHERE state IN ('queued', 'running') AND id > ?2 ORDER BY id LIMIT ?1",
            [.integer(limit), .blob([])]
        ) { try $0.id(0) }
    }
}

extension Jobs where Tx == Transaction {
    /// Inserts the job that erases a recipient.
    ///
    /// - Parameter accountID: in this account's data; `nil` in all.
    package func insert(erasing address: EmailAddress, accountID: Int64?) throws -> Job {
        let job = Job(
            id: JobID(at: tx.now), kind: .eraseRecipient, state: .queued, accountID: accountID, maskedRecipient: address.masked,
            createdAt: tx.now)
        try tx.sql.execute(
            """
            INSERT INTO jobs (id, kind, account_id, state, subject, masked, phase, counts, failures, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '{}', 0, ?8)
            """,
            [
                .id(job.id), .text(job.kind.rawValue), .integer(accountID), .text(job.state.rawValue), .text(address.description),
                .text(job.maskedRecipient), .text(ErasurePhase.emails.rawValue), .timestamp(tx.now),
            ])
        return job
    }

    /// Counts a failure of a job, which ends it where there were too many.
    package func recordFailure(of id: JobID, _ explanation: String, limit: Int64) throws {
        try tx.sql.execute(
            """
            UPDATE jobs SET failures = failures + 1, failure = ?2,
                subject = CASE WHEN failures + 1 >= ?3 THEN NULL ELSE subject END,
                finished_at = CASE WHEN failures + 1 >= ?3 THEN ?4 ELSE finished_at END,
                state = CASE WHEN failures + 1 >= ?3 THEN 'failed' ELSE state END
            WHERE id = ?1 AND state IN ('queued', 'running')
            """, [.id(id), .text(explanation), .integer(limit), .timestamp(tx.now)])
    }

    /// Deletes jobs that ended before a time.
    ///
    /// - Returns: how many.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM jobs WHERE finished_at IS NOT NULL AND id IN (
                SELECT id FROM jobs WHERE finished_at IS NOT NULL AND id < ?1 ORDER BY id LIMIT ?2)
            """, [.id(JobID.lowest(at: time)), .integer(limit)])
    }
}

/// The row of a job.
enum JobRow {
    static let select = """
        SELECT id, kind, account_id, state, masked, counts, failure, created_at, finished_at, subject, phase, position FROM jobs
        """

    /// A job with what only its steps need.
    struct Stored {
        var job: Job
        /// The address; `nil` once the job has ended.
        var address: EmailAddress?
        var phase: ErasurePhase
        /// How far the phase has come; `nil` at its beginning.
        var position: String?
    }

    static func decode(_ row: any DatabaseRow) throws -> Stored {
        let job = Job(
            id: try row.id(0), kind: try row.choice(1), state: try row.choice(3), accountID: row.optionalInteger(2),
            maskedRecipient: row.text(4), counts: try counts(row.text(5)), failure: row.optionalText(6),
            createdAt: row.requiredTimestamp(7), finishedAt: row.timestamp(8))
        return Stored(
            job: job, address: row.optionalText(9).map(EmailAddress.init(validated:)), phase: try row.choice(10),
            position: row.optionalText(11))
    }

    static func text(of counts: ErasureCounts) -> String {
        var object = JSONObject()
        for kind in ErasureCounts.Kind.allCases where counts[kind] > 0 { object[kind.rawValue] = .number(JSONNumber(counts[kind])) }
        return String(decoding: JSONValue.object(object).serialized, as: UTF8.self)
    }

    private static func counts(_ text: String) throws -> ErasureCounts {
        guard let object = try? JSONValue.parse(text.utf8).objectValue else { throw StorageError.malformed("jobs.counts") }
        var counts = ErasureCounts()
        for kind in ErasureCounts.Kind.allCases { counts[kind] = object[kind.rawValue]?.integerValue ?? 0 }
        return counts
    }
}
