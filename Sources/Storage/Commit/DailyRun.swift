import Database
import MailModel

/// The outcome of a call for a job that runs once a day, over all nodes.
package enum DailyRun: Sendable, Equatable {
    /// This call has run it.
    case done
    /// It has run before.
    case wasDone
    /// Another node runs it.
    case isElsewhere
}

extension Store {
    /// Runs a job once a day, step by step, unless it has run or another node runs it.
    ///
    /// Where a node died during it, another one starts anew: the steps have to be idempotent.
    ///
    /// - Parameter step: gets the position that the step before it returned, 0 at first, and returns its own; `nil` when nothing is left.
    package func runDaily(
        _ job: HousekeepingJob, step: @escaping @Sendable (Transaction, Int64) throws -> Int64?
    ) async throws -> DailyRun {
        let lease = lease(of: job)
        do {
            let run = try await run(job, step, under: lease)
            if run != .isElsewhere { await lease.release() }
            return run
        } catch {
            await lease.release()
            throw error
        }
    }

    private func run(
        _ job: HousekeepingJob, _ step: @escaping @Sendable (Transaction, Int64) throws -> Int64?, under lease: JobLease
    ) async throws -> DailyRun {
        // The day on which it begins, even if it ends after midnight.
        let begin = try await lease.step { tx in (day: tx.now.day, wasDone: try tx.scheduledRuns.contains(job, on: tx.now.day)) }
        guard let begin else { return .isElsewhere }
        if begin.wasDone { return .wasDone }
        var position: Int64 = 0
        while true {
            let next = try await lease.step { [position] tx -> Int64? in
                let next = try step(tx, position)
                if next == nil { _ = try tx.scheduledRuns.claim(job.rawValue, period: begin.day.period) }
                return next
            }
            switch next {
            case nil: return .isElsewhere
            case .some(nil): return .done
            case .some(let reached?): position = reached
            }
        }
    }
}

extension ReadableTransaction {
    /// The runs of scheduled jobs.
    package var scheduledRuns: ScheduledRuns<Self> { ScheduledRuns(tx: self) }
}

/// The runs of scheduled jobs: the periods of each that a node has claimed.
package struct ScheduledRuns<Tx: ReadableTransaction> {
    let tx: Tx
}

extension ScheduledRuns where Tx == Transaction {
    /// Claims a period of a scheduled job for this node.
    ///
    /// A claim that was made by a clock ahead does not hold: its period is still to come.
    ///
    /// - Returns: false when another node, or an earlier run, has claimed it.
    package func claim(_ job: String, period: String) throws -> Bool {
        try tx.sql.execute(
            "DELETE FROM scheduled_runs WHERE job = ?1 AND ran_at > ?2", [.text(job), .timestamp(tx.now + OutboundCounters.tolerance)])
        return try tx.sql.execute(
            "INSERT INTO scheduled_runs (job, period, ran_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(job), .text(period), .timestamp(tx.now)]) == 1
    }

    /// Claims the present day's run of a job.
    ///
    /// - Returns: as ``claim(_:period:)``.
    package func claimDaily(_ job: HousekeepingJob) throws -> Bool {
        try claim(job.rawValue, period: tx.now.day.period)
    }

    fileprivate func contains(_ job: HousekeepingJob, on day: CalendarDay) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM scheduled_runs WHERE job = ?1 AND period = ?2 AND ran_at <= ?3",
            [.text(job.rawValue), .text(day.period), .timestamp(tx.now + OutboundCounters.tolerance)]
        ) { _ in true } ?? false
    }
}

extension CalendarDay {
    /// The name of a day in `scheduled_runs`: `2026-01-01`.
    fileprivate var period: String { String(start.description.prefix("2026-01-01".count)) }
}
