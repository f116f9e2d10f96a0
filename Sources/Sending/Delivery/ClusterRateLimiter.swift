import CoreMetrics
import Logging
import MailModel
import Storage
import Synchronization

/// Limits the sending rate of this node to its share of what the provider allows all nodes together.
///
/// The share is renewed every second in one small command; a message needs no transaction for it. Where the provider sets no limit, there
/// are no shares.
final class ClusterRateLimiter: Sendable {
    /// The rate of a new account at SES, used until the provider's quota is known: one message per second.
    private static let initialRate = 1.0

    private let store: Store
    private let transport: any Transport
    private let settings: DeliverySettings
    private let logger: Logger
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let gauges: RateLimiterGauges
    private let state: Mutex<State>
    /// Set when the quota is to be refreshed before its time.
    private let quotaIsStale = Signal()

    fileprivate struct State {
        var rateLimiter = SendRateLimiter()
        var lease = RateLease()
        var callSpacing = CallSpacing()
        /// Messages per second of all nodes together; `nil` for no limit.
        var total: Double?
        /// Permits acquired since the last report.
        var sent: Int64 = 0
        /// The rest of the day's quota, if the provider was asked since the last report.
        var remaining: Int64?
        /// Whether the day's quota is used up, as far as the nodes know.
        var isExhausted = false
        /// Nothing is sent before this time.
        var pausedUntil: ContinuousClock.Instant?
    }

    /// - Parameter uptime: the monotonic time; a test passes its own.
    init(
        store: Store, transport: any Transport, settings: DeliverySettings, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, uptime: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.store = store
        self.transport = transport
        self.settings = settings
        self.logger = logger
        self.uptime = uptime
        gauges = RateLimiterGauges(metrics)
        gauges.show(limit: settings.rate)
        state = Mutex(State(total: settings.rate))
    }

    /// Asks the provider for its quota, and acquires a share of it.
    func begin() async {
        await refreshQuota()
        await renewShare()
    }

    /// Renews the share and refreshes the quota until cancelled.
    ///
    /// - Parameter didChange: called when there may be more permits than before.
    func run(didChange: @escaping @Sendable () -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    await self.quotaIsStale.wait(atMost: self.settings.quotaInterval)
                    if !Task.isCancelled { await self.refreshQuota() }
                }
            }
            group.addTask {
                while (try? await Task.sleep(for: RateLease.renewal)) != nil {
                    if await self.renewShare() { didChange() }
                }
            }
        }
    }

    /// Releases the share.
    ///
    /// Nothing may be sent afterwards.
    func end() async {
        guard state.withLock({ $0.total != nil }) else { return }
        do {
            try await store.write(.sendingShare) { [settings] in try $0.sendingShares.release(of: settings.owner) }
        } catch {
            // It expires.
            logger.debug("The share of the sending rate was not given back", metadata: ["error": "\(error)"])
        }
    }

    /// Acquires permits for up to `wanted` messages.
    ///
    /// - Returns: how many may be sent, and, where that is none, how long to wait before asking again.
    func acquire(upTo wanted: Int, at now: ContinuousClock.Instant) -> (granted: Int, wait: Duration) {
        state.withLock { state in
            if let until = state.pausedUntil, until > now { return (0, until - now) }
            if state.isExhausted { return (0, RateLease.renewal) }
            state.rateLimiter.setRate(state.total == nil ? nil : state.lease.share(at: now))
            let (granted, wait) = state.rateLimiter.acquire(upTo: wanted, at: now)
            state.sent += Int64(granted)
            return (granted, wait)
        }
    }

    /// Returns permits that were not used.
    func release(_ unused: Int) {
        state.withLock { state in
            state.rateLimiter.release(unused)
            state.sent -= Int64(unused)
        }
    }

    /// Waits until a call may begin for which a permit was acquired.
    ///
    /// - Returns: false when that is, or was, too late for the lease: the call must not be made.
    func waitForTurn(within lease: AttemptLease) async -> Bool {
        let wait = state.withLock { state -> Duration? in
            let now = uptime()
            guard lease.allowsCall(at: now) else { return nil }
            guard let rate = state.rateLimiter.rate else { return .zero }
            return state.callSpacing.plan(limit: Int(rate), at: now, notAfter: lease.lastStart)
        }
        guard let wait else { return false }
        guard wait > .zero else { return true }
        // When cancelled, the call is made at once: its email is claimed already.
        try? await Task.sleep(for: wait)
        return lease.allowsCall(at: uptime())
    }

    /// The provider throttles.
    func slowDown(at now: ContinuousClock.Instant) {
        state.withLock { $0.rateLimiter.slowDown(at: now) }
    }

    /// The provider accepts no mail at present.
    ///
    /// - Returns: how long to wait before the next attempt.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        // Perhaps the day's quota is used up: then the other nodes have to know.
        quotaIsStale.set()
        return state.withLock { state in
            let until = max(now + settings.pause, state.pausedUntil ?? now)
            state.pausedUntil = until
            return until - now
        }
    }

    private func refreshQuota() async {
        do {
            guard let quota = try await transport.quota() else { return }
            let total = min(quota.messagesPerSecond, settings.rate ?? .infinity)
            gauges.show(limit: total)
            state.withLock { ($0.total, $0.remaining) = (total, quota.remaining) }
        } catch {
            logger.warning("The provider's quota is not known", metadata: ["provider.error": "\(error.explanation)"])
            state.withLock { $0.total = $0.total ?? Self.initialRate }
        }
    }

    /// - Returns: whether this node has a share.
    @discardableResult
    private func renewShare() async -> Bool {
        // Without a renewal, the share goes to the other nodes.
        guard !store.isWorkPaused else { return false }
        let askedAt = uptime()
        guard let report = state.withLock({ $0.drainReport(of: settings.owner) }) else { return false }
        do {
            let grant = try await store.write(.sendingShare) { try $0.sendingShares.renew(report) }
            apply(grant, askedAt: askedAt)
            return grant.share > 0
        } catch {
            logger.warning("The share of the sending rate could not be renewed", metadata: ["error": "\(error)"])
            state.withLock { $0.restore(report) }
            return false
        }
    }

    private func apply(_ grant: SendingGrant, askedAt: ContinuousClock.Instant) {
        gauges.show(grant)
        let isNewlyExhausted = state.withLock { state in
            state.lease.renew(grant.share, isFresh: grant.isAlone, askedAt: askedAt, now: uptime())
            let wasExhausted = state.isExhausted
            state.isExhausted = (grant.remaining ?? 1) <= 0
            return state.isExhausted && !wasExhausted
        }
        if isNewlyExhausted { logger.warning("The provider's quota of the day is used up; the queue waits") }
    }
}

extension ClusterRateLimiter.State {
    /// Returns what to report to the other nodes, and resets it; `nil` where there are no shares.
    fileprivate mutating func drainReport(of node: String) -> SendingReport? {
        guard let total else { return nil }
        defer { (sent, remaining) = (0, nil) }
        return SendingReport(node: node, rate: SharedRate(total), sent: sent, remaining: remaining)
    }

    /// Adds a report that could not be written to the next one.
    fileprivate mutating func restore(_ report: SendingReport) {
        sent += report.sent
        remaining = remaining ?? report.remaining
    }
}
