package import MailModel

extension Store {
    /// How many domains a step locks and changes.
    package static let domainsPerStep = 500
    /// How many frozen entries are read at a time.
    private static let entriesPerPage = 1000
    /// How long a call waits before it looks again whether another one has come to its end.
    private static let pauseForOthers: Duration = .milliseconds(50)

    /// Begins the day's count anew for every domain (specification 3.6, `POST /outbound/reset-daily`).
    ///
    /// A call waits for one that is under way, on whichever node, and then does its own.
    ///
    /// - Returns: how many live domains there are.
    /// - Throws: ``StorageError``. What was done stays, and the next call goes on where this one was.
    package func resetDaily(domainsPerStep: Int = domainsPerStep) async throws -> Int64 {
        try await reset(.daily, domainsPerStep) { _ in }
    }

    /// Freezes every domain's month and begins its count anew (specification 3.6, `POST /outbound/reset-monthly`).
    ///
    /// A domain whose month was frozen by its first message after midnight, or by the scheduler, before this call, is reported and keeps what it
    /// has counted since. Every entry is reported by one call: by the first one that comes to its end. A call waits for one that is under way,
    /// on whichever node, and then does its own.
    ///
    /// - Parameter report: gets what was frozen and not reported before, page by page. When it throws, the next call reports it all.
    /// - Returns: how many live domains there are.
    /// - Throws: what `report` threw, or ``StorageError``. What was done stays, and the next call goes on where this one was.
    package func resetMonthly(
        domainsPerStep: Int = domainsPerStep, report: ([FrozenEntry]) async throws -> Void
    ) async throws -> Int64 {
        try await reset(.monthly, domainsPerStep) { reset in
            var page: [(id: Int64, entry: FrozenEntry)] = []
            repeat {
                page = try await read { [last = page.last?.id ?? 0] context in
                    try context.frozenEntries(by: reset, after: last, limit: Self.entriesPerPage)
                }
                try await report(page.map(\.entry))
            } while page.count == Self.entriesPerPage
        }
    }

    /// - Parameter report: called when all is done, before the reset is finished.
    private func reset(
        _ kind: CounterReset.Kind, _ limit: Int, report: (CounterReset) async throws -> Void
    ) async throws -> Int64 {
        let lease = lease(of: .resetCounters)
        do {
            let reset = try await workOff(kind, limit, under: lease)
            try await report(reset)
            guard try await lease.step({ try $0.finish(reset) }) == true else {
                throw StorageError.unavailable("another call has taken this reset over")
            }
            await lease.release()
            return reset.liveDomains
        } catch {
            await lease.release()
            throw error
        }
    }

    /// Runs the steps of a reset, or the rest of one that was broken off.
    private func workOff(_ kind: CounterReset.Kind, _ limit: Int, under lease: JobLease) async throws -> CounterReset {
        while true {
            guard let reset = try await lease.step({ try $0.advanceReset(kind, limit: limit) }) else {
                try await Task.sleep(for: Self.pauseForOthers)
                continue
            }
            if reset.isComplete { return reset }
        }
    }

    /// Brings all domains into the present day and month, so that ended months are frozen for the bill, once a day.
    package func rollCounters(domainsPerStep: Int = domainsPerStep) async throws -> DailyRun {
        try await runDaily(.rollCounters) { try $0.rollDomains(after: $1, limit: domainsPerStep) }
    }
}
