import Database
import MailModel

/// What is done in the background for all domains, all accounts or old rows.
package enum HousekeepingJob: String, Sendable, CaseIterable {
    case retention
    case rollCounters = "roll-counters"
    case resetCounters = "reset-counters"
    case endWarnings = "end-warnings"
    case syncSuppressions = "sync-suppressions"
    case pollVerification = "poll-verification"
    case bringBackFutureTimes = "future-times"
}

/// The right to do a job of housekeeping, which one holder at a time has, over all nodes. It ends a minute after its last step, so that
/// another node takes the job over from one that is gone.
///
/// A job runs in steps. Each step renews the lease in its own transaction, and does nothing where another has it.
package struct JobLease: Sendable {
    /// How long a lease holds after its last step; longer than a step may take.
    package static let length: Duration = .seconds(60)

    let job: HousekeepingJob
    /// The process and, within it, who holds the lease.
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
    /// - Returns: what `body` returned, once that is durable; `nil` when another holds the lease: nothing was done then.
    /// - Throws: what `body` threw, or ``StorageError``; nothing of the step stays then.
    package func step<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value? {
        try await store.step { [job, holder, process = store.process] tx in
            guard try tx.jobLeases.renew(job, for: holder, process: process) else { return nil }
            return try body(tx)
        }
    }

    /// Gives the lease back, so that nobody waits for its end. One that cannot be given back ends by itself.
    package func release() async {
        try? await store.step { [job, holder] in try $0.jobLeases.release(job, from: holder) }
    }
}

extension Store {
    /// A lease of a job, for one holder; nothing is taken yet.
    package func lease(of job: HousekeepingJob) -> JobLease {
        JobLease(of: job, in: self)
    }
}

extension ReadableTransaction {
    /// The leases of housekeeping jobs.
    var jobLeases: JobLeases<Self> { JobLeases(tx: self) }
}

/// The leases of housekeeping jobs, a row for each job that somebody does.
struct JobLeases<Tx: ReadableTransaction> {
    let tx: Tx
}

extension JobLeases where Tx == Transaction {
    /// Takes or renews a lease. Its row stays locked until the step ends: no other holder's step runs meanwhile.
    ///
    /// - Returns: false when another holds it.
    func renew(_ job: HousekeepingJob, for holder: String, process: String) throws -> Bool {
        // A database of one process: whoever else is in the row is gone.
        let orIsGone = tx.sql.dialect.hasOneWriter ? "OR job_leases.process <> excluded.process" : ""
        return try tx.sql.execute(
            """
            INSERT INTO job_leases (job, process, holder, expires_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (job) DO UPDATE SET process = excluded.process, holder = excluded.holder, expires_at = excluded.expires_at
            WHERE job_leases.holder = excluded.holder OR job_leases.expires_at <= ?5 OR job_leases.expires_at > ?6 \(orIsGone)
            """,
            [
                .text(job.rawValue), .text(process), .text(holder), .timestamp(tx.now + JobLease.length), .timestamp(tx.now),
                // Far later than any lease of now ends: the clock was set back since.
                .timestamp(tx.now + JobLease.length * 3),
            ]) == 1
    }

    func release(_ job: HousekeepingJob, from holder: String) throws {
        try tx.sql.execute("DELETE FROM job_leases WHERE job = ?1 AND holder = ?2", [.text(job.rawValue), .text(holder)])
    }
}
