import Database
import MailModel

/// A job of housekeeping, which runs in the background over all domains, all accounts or old rows.
package enum HousekeepingJob: String, Sendable, CaseIterable {
    case retention
    case rollCounters = "roll-counters"
    case resetCounters = "reset-counters"
    case endWarnings = "end-warnings"
    case syncSuppressions = "sync-suppressions"
    case pollVerification = "poll-verification"
    case lapseClaims = "lapse-claims"
    case bringBackFutureTimes = "future-times"
    case searchSegments = "search-segments"
    case eraseRecipients = "erase-recipients"
    case pollReputation = "poll-reputation"
}

/// The lease of a job of housekeeping, which one holder at a time has, over all nodes.
///
/// It expires a minute after its last step, so that another node takes the job over from one that has died.
///
/// A job runs in steps. Each step renews the lease in its own transaction, and does nothing where another holder has it.
package struct JobLease: Sendable {
    /// How long a lease holds after its last step; longer than a step may take.
    package static let length: Duration = .seconds(60)

    let job: HousekeepingJob
    /// The holder: the process and a random number.
    let holder: String
    private let store: Store

    init(of job: HousekeepingJob, in store: Store) {
        self.job = job
        self.store = store
        holder = "\(store.process)-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    /// Runs one step of the job, if the lease is free or held already.
    ///
    /// - Parameter body: changes at most some 500 rows. It may run more than once, and must have no effects but those on the database.
    /// - Returns: what `body` returned, once that is durable; `nil` when another holder has the lease: nothing was done then.
    /// - Throws: what `body` threw, or ``StorageError``; the step is rolled back then.
    package func step<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value? {
        try await store.step { [job, holder, process = store.process] tx in
            guard try tx.jobLeases.renew(job, for: holder, process: process) else { return nil }
            return try body(tx)
        }
    }

    /// Releases the lease.
    ///
    /// One that cannot be released expires.
    package func release() async {
        try? await store.step { [job, holder] in try $0.jobLeases.release(job, from: holder) }
    }
}

extension Store {
    /// Returns a lease of a job, which the first step acquires.
    package func lease(of job: HousekeepingJob) -> JobLease {
        JobLease(of: job, in: self)
    }
}

extension ReadableTransaction {
    /// The leases of housekeeping jobs.
    var jobLeases: JobLeases<Self> { JobLeases(tx: self) }
}

/// The leases of housekeeping jobs, a row for each job that is under way.
struct JobLeases<Tx: ReadableTransaction> {
    let tx: Tx
}

extension JobLeases where Tx == Transaction {
    /// Acquires or renews a lease.
    ///
    /// Its row stays locked until the step ends: no other holder's step runs meanwhile.
    ///
    /// - Returns: false when another holder has it.
    func renew(_ job: HousekeepingJob, for holder: String, process: String) throws -> Bool {
        // A database of one process: any other process in the row has ended.
        let orIsGone = tx.sql.dialect.hasOneWriter ? "OR job_leases.process <> excluded.process" : ""
        return try tx.sql.execute(
            """
            INSERT INTO job_leases (job, process, holder, expires_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (job) DO UPDATE SET process = excluded.process, holder = excluded.holder, expires_at = excluded.expires_at
            WHERE job_leases.holder = excluded.holder OR job_leases.expires_at <= ?5 OR job_leases.expires_at > ?6 \(orIsGone)
            """,
            [
                .text(job.rawValue), .text(process), .text(holder), .timestamp(tx.now + JobLease.length), .timestamp(tx.now),
                // Later than any present lease expires: the clock was set back since.
                .timestamp(tx.now + JobLease.length * 3),
            ]) == 1
    }

    func release(_ job: HousekeepingJob, from holder: String) throws {
        try tx.sql.execute("DELETE FROM job_leases WHERE job = ?1 AND holder = ?2", [.text(job.rawValue), .text(holder)])
    }
}
