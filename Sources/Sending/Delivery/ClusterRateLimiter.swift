import CoreMetrics
import Logging
import MailModel
import Storage
import Synchronization

/// How fast this node may send: its share of what the provider allows all nodes together.
///
/// The share is renewed every second in one small command; no message costs a transaction. Where the provider sets no limit, there is nothing
/// to share.
final class ClusterRateLimiter: Sendable {
    /// What a new account may send, and what is taken for allowed before the provider has said more: one message a second.
    private static let cautiousRate = 1.0

    private let store: Store
    private let transport: any Transport
    private let settings: DeliverySettings
    private let logger: Logger
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let gauges: RateLimiterGauges
    private let state: Mutex<State>
    /// Set when the provider is to be asked before it is time.
    private let doubt = Signal()

    fileprivate struct State {
        var pacer = SendRateLimiter()
        var lease = RateLease()
        var calls = CallSpacing()
        /// What all nodes may send together; `nil`: as fast as it goes.
        var total: Double?
        /// Messages taken since the last report.
        var sent: Int64 = 0
        /// What the provider said of its day since the last report.
        var remaining: Int64?
        /// The day's quota is used up, as far as the nodes know.
        var isExhausted = false
        /// The provider takes nothing before this.
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

    /// Asks the provider for what it allows, and the other nodes for a share of it.
    func begin() async {
        await refreshQuota()
        await renewShare()
    }

    /// Keeps the share and the quota up to date, until cancelled.
    ///
    /// - Parameter didChange: called when there may be more room than before.
    func keep(didChange: @escaping @Sendable () -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    await self.doubt.wait(atMost: self.settings.quotaInterval)
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

    /// Gives the share back. Nothing may be sent after this.
    func end() async {
        guard state.withLock({ $0.total != nil }) else { return }
        do {
            try await store.write(.sendingShare) { [settings] in try $0.releaseSendingShare(of: settings.owner) }
        } catch {
            // It ends by itself.
            logger.debug("The share of the sending rate was not given back", metadata: ["error": "\(error)"])
        }
    }

    /// Takes room for up to `wanted` messages.
    ///
    /// - Returns: how many may go, and, where that is none, how long to wait before asking again.
    func take(upTo wanted: Int, at now: ContinuousClock.Instant) -> (granted: Int, wait: Duration) {
        state.withLock { state in
            if let until = state.pausedUntil, until > now { return (0, until - now) }
            if state.isExhausted { return (0, RateLease.renewal) }
            state.pacer.setRate(state.total == nil ? nil : state.lease.share(at: now))
            let (granted, wait) = state.pacer.take(upTo: wanted, at: now)
            state.sent += Int64(granted)
            return (granted, wait)
        }
    }

    /// Gives back what was taken and not used.
    func giveBack(_ unused: Int) {
        state.withLock { state in
            state.pacer.giveBack(unused)
            state.sent -= Int64(unused)
        }
    }

    /// Waits for the moment to make a call for which room was taken.
    ///
    /// - Returns: false where that moment comes too late for the call's lease, or came too late: the call must not be made.
    func waitForTurn(within lease: AttemptLease) async -> Bool {
        let wait = state.withLock { state -> Duration? in
            let now = uptime()
            guard lease.allowsCall(at: now) else { return nil }
            guard let rate = state.pacer.rate else { return .zero }
            return state.calls.plan(limit: Int(rate), at: now, notAfter: lease.lastStart)
        }
        guard let wait else { return false }
        guard wait > .zero else { return true }
        // Cancelled, the call is made at once: the email was claimed for it.
        try? await Task.sleep(for: wait)
        return lease.allowsCall(at: uptime())
    }

    /// The provider asks for a slower pace.
    func slowDown(at now: ContinuousClock.Instant) {
        state.withLock { $0.pacer.slowDown(at: now) }
    }

    /// The provider takes nothing at present.
    ///
    /// - Returns: after what time to try again.
    func pause(at now: ContinuousClock.Instant) -> Duration {
        // Perhaps the day's quota is used up, which the other nodes should know.
        doubt.set()
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
            state.withLock { $0.total = $0.total ?? Self.cautiousRate }
        }
    }

    /// - Returns: whether there is a share to be had.
    @discardableResult
    private func renewShare() async -> Bool {
        // Not renewed, the share goes to the other nodes.
        guard !store.isWorkPaused else { return false }
        let askedAt = uptime()
        guard let report = state.withLock({ $0.takeReport(of: settings.owner) }) else { return false }
        do {
            let grant = try await store.write(.sendingShare) { try $0.renewSendingShare(report) }
            take(grant, askedAt: askedAt)
            return grant.share > 0
        } catch {
            logger.warning("The share of the sending rate could not be renewed", metadata: ["error": "\(error)"])
            state.withLock { $0.putBack(report) }
            return false
        }
    }

    private func take(_ grant: SendingGrant, askedAt: ContinuousClock.Instant) {
        gauges.show(grant)
        let isNews = state.withLock { state in
            state.lease.renew(grant.share, isFresh: grant.isAlone, askedAt: askedAt, now: uptime())
            let wasExhausted = state.isExhausted
            state.isExhausted = (grant.remaining ?? 1) <= 0
            return state.isExhausted && !wasExhausted
        }
        if isNews { logger.warning("The provider's quota of the day is used up; the queue waits") }
    }
}

extension ClusterRateLimiter.State {
    /// What is to be said to the other nodes; `nil` where there is nothing to share.
    fileprivate mutating func takeReport(of node: String) -> SendingReport? {
        guard let total else { return nil }
        defer { (sent, remaining) = (0, nil) }
        return SendingReport(node: node, rate: SharedRate(total), sent: sent, remaining: remaining)
    }

    fileprivate mutating func putBack(_ report: SendingReport) {
        sent += report.sent
        remaining = remaining ?? report.remaining
    }
}
