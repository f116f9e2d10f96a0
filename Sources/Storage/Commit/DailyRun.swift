import Database
import MailModel

/// What became of a job that is done once a day, over all nodes.
package enum DailyRun: Sendable, Equatable {
    /// This call has done it.
    case done
    /// It was done before.
    case wasDone
    /// Another node is at it.
    case isElsewhere
}

extension Store {
    /// Does a job that is done once a day, step by step, unless it was done or another node is at it. Where a node died in the middle of it,
    /// another begins anew: the steps have to bear that.
    ///
    /// - Parameter step: gets how far the steps before it have come, 0 at first, and returns how far it has come; `nil` when nothing is left.
    func runDaily(
        _ job: HousekeepingJob, step: @escaping @Sendable (WriteContext, Int64) throws -> Int64?
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
        _ job: HousekeepingJob, _ step: @escaping @Sendable (WriteContext, Int64) throws -> Int64?, under lease: JobLease
    ) async throws -> DailyRun {
        // Of the day on which it begins: what comes after midnight is the next day's.
        let begin = try await lease.step { context in (day: context.now.day, wasDone: try context.hasRun(job, on: context.now.day)) }
        guard let begin else { return .isElsewhere }
        if begin.wasDone { return .wasDone }
        var position: Int64 = 0
        while true {
            let next = try await lease.step { [position] context -> Int64? in
                let next = try step(context, position)
                if next == nil { _ = try context.claimRun(of: job.rawValue, period: begin.day.period) }
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

extension WriteContext {
    /// Claims a period of a scheduled job for this node.
    ///
    /// A claim that was made by a clock ahead does not hold: its period is still to come.
    ///
    /// - Returns: false when another node, or an earlier run, had it.
    package func claimRun(of job: String, period: String) throws -> Bool {
        try transaction.execute(
            "DELETE FROM scheduled_runs WHERE job = ?1 AND ran_at > ?2", [.text(job), .timestamp(now + OutboundCounters.tolerance)])
        return try transaction.execute(
            "INSERT INTO scheduled_runs (job, period, ran_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(job), .text(period), .timestamp(now)]) == 1
    }

    /// Claims the present day's run of a job.
    ///
    /// - Returns: as ``claimRun(of:period:)``.
    package func claimDailyRun(of job: HousekeepingJob) throws -> Bool {
        try claimRun(of: job.rawValue, period: now.day.period)
    }

    fileprivate func hasRun(_ job: HousekeepingJob, on day: CalendarDay) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM scheduled_runs WHERE job = ?1 AND period = ?2 AND ran_at <= ?3",
            [.text(job.rawValue), .text(day.period), .timestamp(now + OutboundCounters.tolerance)]
        ) { _ in true } ?? false
    }
}

extension CalendarDay {
    /// How a day is named in `scheduled_runs`: `2026-01-01`.
    fileprivate var period: String { String(start.description.prefix("2026-01-01".count)) }
}
