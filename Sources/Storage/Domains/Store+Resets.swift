package import MailModel

extension Store {
    /// How many domains a step locks and changes.
    package static let domainsPerStep = 500
    /// How many frozen entries are read at a time.
    private static let entriesPerPage = 1000
    /// How long a call waits before it checks again whether another one is finished.
    private static let pauseForOthers: Duration = .milliseconds(50)

    /// Resets the day's count of every domain (specification 3.6, `POST /outbound/reset-daily`).
    ///
    /// A call waits for one that is under way, on whichever node, and then does its own reset.
    ///
    /// - Parameter actor: who calls, for the audit log: its row is written with the first domains.
    /// - Returns: how many live domains there are.
    /// - Throws: ``StorageError``. What was done stays, and the next call continues there.
    package func resetDaily(domainsPerStep: Int = domainsPerStep, by actor: AuditActor = .system) async throws -> Int64 {
        try await reset(.daily, domainsPerStep, by: actor) { _ in }
    }

    /// Freezes and resets the month's count of every domain (specification 3.6, `POST /outbound/reset-monthly`).
    ///
    /// A domain whose month was frozen before this call, by its first message after midnight or by the scheduler, is reported and keeps what
    /// it has counted since. Every entry is reported by one call: the first one that is finished. A call waits for one that is under way, on
    /// whichever node, and then does its own reset.
    ///
    /// - Parameters:
    ///   - actor: who calls, for the audit log: its row is written with the first domains.
    ///   - report: gets the entries that were frozen and not reported before, page by page. When it throws, the next call reports all of them.
    /// - Returns: how many live domains there are.
    /// - Throws: what `report` threw, or ``StorageError``. What was done stays, and the next call continues there.
    package func resetMonthly(
        domainsPerStep: Int = domainsPerStep, by actor: AuditActor = .system, report: ([FrozenEntry]) async throws -> Void
    ) async throws -> Int64 {
        try await reset(.monthly, domainsPerStep, by: actor) { reset in
            var page: [(id: Int64, entry: FrozenEntry)] = []
            repeat {
                page = try await read { [last = page.last?.id ?? 0] tx in
                    try tx.counters.listFrozen(by: reset, after: last, limit: Self.entriesPerPage)
                }
                try await report(page.map(\.entry))
            } while page.count == Self.entriesPerPage
        }
    }

    /// - Parameter report: called when all domains are reset, before the reset is finished.
    private func reset(
        _ kind: CounterReset.Kind, _ limit: Int, by actor: AuditActor, report: (CounterReset) async throws -> Void
    ) async throws -> Int64 {
        let lease = lease(of: .resetCounters)
        do {
            let reset = try await runSteps(kind, limit, by: actor, under: lease)
            try await report(reset)
            guard try await lease.step({ try $0.counters.finish(reset) }) == true else {
                throw StorageError.unavailable("another call has taken this reset over")
            }
            await lease.release()
            return reset.liveDomains
        } catch {
            await lease.release()
            throw error
        }
    }

    /// Runs all steps of a reset, or the remaining ones of an interrupted reset.
    private func runSteps(
        _ kind: CounterReset.Kind, _ limit: Int, by actor: AuditActor, under lease: JobLease
    ) async throws -> CounterReset {
        while true {
            guard let reset = try await lease.step({ try $0.counters.advanceReset(kind, limit: limit, by: actor) }) else {
                try await Task.sleep(for: Self.pauseForOthers)
                continue
            }
            if reset.isComplete { return reset }
        }
    }

    /// Rolls the counters of all domains to the present day and month, so that ended months are frozen for the bill, once a day.
    package func rollCounters(domainsPerStep: Int = domainsPerStep) async throws -> DailyRun {
        try await runDaily(.rollCounters) { try $0.counters.rollBlock(after: $1, limit: domainsPerStep) }
    }
}
