package import MailModel
import Storage

extension DomainService {
    /// The most recipients one call of `increment` may count: SES itself takes 50, Postfix splits at 1,000 or less by default.
    package static let largestIncrement: Int64 = 100_000

    /// Changes a domain's outbound configuration; all of it or, when a value is refused, nothing.
    ///
    /// - Throws: ``OutboundError`` with `forbidden` when a client changes anything but the two limits.
    package func update(_ name: String, _ changes: OutboundChanges, by principal: Principal) async throws -> SendingDomain {
        if let fault = changes.fault { throw OutboundError.invalid(fault.field, fault.explanation) }
        return try await store.write { context in
            try context.change(name, for: principal) { domain in
                if !principal.isMaster, let field = changes.masterField { return .masterOnly(field) }
                domain.apply(changes, at: context.now)
                return nil
            }
        }.get()
    }

    /// Asks the gate for `count` recipients and counts them when it lets them through. Durable when this returns.
    ///
    /// - Parameter count: 1 to ``largestIncrement``.
    package func increment(
        _ name: String, by count: Int64, principal: Principal
    ) async throws -> (domain: SendingDomain, decision: Gate.Decision) {
        guard (1...Self.largestIncrement).contains(count) else {
            throw OutboundError.invalid("count", "must be between 1 and \(Self.largestIncrement)")
        }
        return try await store.write(.domain(try? DomainName(name))) { [gate] context in
            try context.domain(name, for: principal).map { found in
                var domain = found
                let decision = domain.admit(count, by: gate)
                if decision.allowed { context.save(domain) }
                return (domain: domain, decision: decision)
            }
        }.get()
    }

    /// Begins the day anew for every domain, in steps. A call that breaks off is gone on with by the next one.
    ///
    /// - Returns: how many domains there are.
    package func resetDaily() async throws -> Int64 {
        try await store.resetDaily()
    }

    /// Freezes every domain's month and begins a new period, in steps. A call that breaks off is gone on with by the next one.
    ///
    /// - Parameter report: gets what was frozen since it was last reported, page by page. When it throws, the next call reports it all.
    /// - Returns: how many domains there are.
    package func resetMonthly(report: ([FrozenEntry]) async throws -> Void) async throws -> Int64 {
        try await store.resetMonthly(report: report)
    }

    /// What was frozen of a month, so that a lost answer of ``resetMonthly(report:)`` loses no bill.
    package func billing(of month: CalendarMonth) async throws -> Billing {
        let entries = try await store.read { try $0.frozenEntries(of: month) }
        return Billing(of: month, entries: entries)
    }
}
