package import CoreMetrics
package import Logging
package import MailModel
import Metering
import ServiceLifecycle
package import Storage
import Synchronization
package import Telemetry

/// How the queue is processed (specification 6).
package struct DeliverySettings: Sendable {
    /// The name of this node in its leases: new at each start, so that a node never takes its own old claims for present ones.
    package var owner: String
    /// When an email is tried again.
    package var retries = RetrySchedule()
    /// How long a claim holds.
    ///
    /// Longer than a call may take.
    package var lease: Duration = .seconds(60)
    /// How long an attempt without an answer waits for the provider's own events before the next.
    package var grace: Duration = .seconds(120)
    /// The most calls under way at the same time.
    package var concurrency = 512
    /// The most messages per second, whatever the provider allows; `nil`: what the provider allows.
    package var rate: Double?
    /// How long the queue waits when the provider accepts no mail.
    package var pause: Duration = .seconds(60)
    /// How often the provider is asked for its quota.
    package var quotaInterval: Duration = .seconds(60)

    /// The default settings.
    package init(owner: String) {
        self.owner = owner
    }
}

/// Processes the queue: claims emails, composes their messages, sends them, and records the outcomes.
///
/// An email is claimed only when a call is free for it, so the claim is the record of its attempt. No transaction is open during a call. On
/// shutdown nothing more is claimed, and the calls under way are waited for.
package final class DeliveryWorker: Service {
    /// How long the queue sleeps when nothing wakes it: another node may have inserted an email.
    static let longestSleep: Duration = .seconds(1)

    let store: Store
    let transport: any Transport
    let messages: MessageSource
    let settings: DeliverySettings
    let logger: Logger
    let uptime: @Sendable () -> ContinuousClock.Instant
    let rateLimiter: ClusterRateLimiter
    let metrics: DeliveryMetrics
    let tracer: SpanTracer?
    let state: Mutex<DeliveryState>

    /// Creates a worker.
    ///
    /// - Parameters:
    ///   - uptime: the monotonic time by which leases, rate and pauses are measured; a test passes its own.
    ///   - tracer: records the calls of the provider; `nil` where nothing is traced.
    package init(
        store: Store, transport: any Transport, messages: MessageSource, settings: DeliverySettings, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.store = store
        self.transport = transport
        self.messages = messages
        self.settings = settings
        self.logger = logger
        self.uptime = uptime
        rateLimiter = ClusterRateLimiter(
            store: store, transport: transport, settings: settings, logger: logger, metrics: metrics, uptime: uptime)
        self.metrics = DeliveryMetrics(metrics)
        state = Mutex(DeliveryState(concurrency: settings.concurrency))
    }

    /// Processes the queue until the program stops.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                await self.rateLimiter.begin()
                group.addTask { await self.rateLimiter.run(didChange: self.store.emailsQueued.set) }
                await withDiscardingTaskGroup { attempts in
                    await self.processQueue(in: &attempts)
                }
                group.cancelAll()
            }
            await self.rateLimiter.end()
        } onGracefulShutdown: {
            self.state.withLock { $0.stop() }
            // Emails that wait for memory are released: another node, or the next start, claims them at once.
            self.messages.budget.close()
            self.store.emailsQueued.set()
        }
    }

    private func processQueue(in attempts: inout DiscardingTaskGroup) async {
        var planner = ClaimPlanner()
        while !Task.isCancelled {
            let isPaused = store.isWorkPaused
            switch state.withLock({ $0.nextStep(isPaused: isPaused) }) {
            case .stop: return
            case .wait: await sleep(Self.longestSleep)
            case .claim(let limit):
                let (granted, wait) = rateLimiter.acquire(upTo: limit, at: uptime())
                if granted > 0 { await claim(granted, &planner, in: &attempts) } else { await sleep(wait) }
            }
        }
    }

    /// Sleeps until an email is queued, or the time has passed.
    private func sleep(_ time: Duration) async {
        await store.emailsQueued.wait(atMost: min(time, Self.longestSleep))
    }

    /// Claims up to `limit` emails, and begins an attempt with each.
    private func claim(_ limit: Int, _ planner: inout ClaimPlanner, in attempts: inout DiscardingTaskGroup) async {
        state.withLock { $0.beginCalls(limit) }
        let lease = AttemptLease(claimedAt: uptime(), length: settings.lease)
        let rules = planner.rules(upTo: limit, settings)
        var emails: [ClaimedEmail] = []
        let wait: Duration
        do {
            let (claim, nextDue) = try await claim(by: rules, &planner.decider)
            emails = claim.emails
            wait = emails.isEmpty ? nextDue ?? Self.longestSleep : .zero
            planner.failures.didSucceed()
        } catch {
            wait = await recover(from: error, &planner.failures)
        }
        let unused = limit - emails.count
        state.withLock { $0.endCalls(unused) }
        rateLimiter.release(unused)
        for email in emails {
            attempts.addTask { await self.deliver(email, within: lease) }
        }
        if wait > .zero { await sleep(wait) }
    }

    /// - Returns: the claim, and, where it is empty, how long until the next email is due; `nil` where none is.
    private func claim(
        by rules: EmailClaimRules, _ decider: inout ClaimDecider
    ) async throws -> (claim: EmailClaim, nextDue: Duration?) {
        let now = uptime()
        let parked = state.withLock { $0.parkedScopes(at: now) }
        metrics.parked.record(parked.count)
        decider.begin(parked: parked, freeBytes: messages.budget.freeBytes, at: now)
        let claim: EmailClaim
        let nextDue: Duration?
        // The transaction may run twice, each time on a copy of the decider.
        (claim, nextDue, decider) = try await store.write { [decider, transport] tx in
            var decider = decider
            let claim = try tx.queue.claim(rules) { decider.decide($0, scopes: transport.scopes(of:)) }
            let nextDue = claim.emails.isEmpty ? try tx.queue.nextDue().map { $0 - tx.now } : nil
            return (claim, nextDue, decider)
        }
        state.withLock { $0.didProbe(decider.probed, at: uptime()) }
        for email in claim.unreadable { report(email) }
        return (claim, nextDue)
    }

    private func report(_ email: UnreadableEmail) {
        metrics.unreadable.increment()
        let consequence = email.consequence == .ended ? "it is NOT_SENT" : "it is looked at again in an hour"
        logger.error(
            "An email of the queue could not be read",
            metadata: ["email.id": "\(email.id)", "error": "\(email.reason)", "email.consequence": "\(consequence)"])
    }

    /// After a claim that failed for another reason than the database being unavailable: claims email by email, until the one is found for
    /// which it fails.
    ///
    /// - Returns: how long to wait.
    private func recover(from error: any Error, _ failures: inout ClaimFailures) async -> Duration {
        logger.error("The queue could not be read", metadata: ["error": "\(error)"])
        let isTemporary = (error as? StorageError)?.isTemporary ?? false
        guard !isTemporary, failures.didFail() else { return isTemporary ? Self.longestSleep : .zero }
        do {
            let postponed = try await store.write { tx in try tx.queue.postponeOldest() }
            if let id = postponed {
                metrics.unreadable.increment()
                logger.error(
                    "An email of the queue could not be claimed",
                    metadata: ["email.id": "\(id)", "email.consequence": "it is looked at again in an hour"])
                return .zero
            }
        } catch {
            logger.error("The queue could not be changed", metadata: ["error": "\(error)"])
        }
        return Self.longestSleep
    }
}
