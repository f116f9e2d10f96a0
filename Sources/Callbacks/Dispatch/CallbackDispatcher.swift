import Concurrency
package import CoreMetrics
package import Logging
import MailModel
import Metering
import ServiceLifecycle
package import Storage
import Synchronization
package import Telemetry

/// Delivers the callbacks of the outbox: claims those that are due, makes the attempts, and records their outcomes (specification 7.1).
///
/// Receivers take turns (``CallbackOutbox/claim(_:limit:underWay:accounts:)``): one that is slow or dead occupies a few attempts, and delays
/// no other. An account has at most half of the attempts that the others leave, however many receivers it has. On shutdown nothing more is claimed; attempts that are not finished within ``drain`` are released for the next claim.
package final class CallbackDispatcher: Service {
    /// The most attempts that are under way at once.
    private static let concurrency = 256
    private static let largestClaim = 64
    /// The longest wait for a wake-up: the notification of another node's commit may be lost.
    private static let longestSleep: Duration = .seconds(1)
    /// How long attempts may go on after the shutdown has begun.
    private static let drain: Duration = .seconds(2)

    private let store: Store
    private let client: CallbackClient
    private let rules: CallbackClaimRules
    private let logger: Logger
    private let metrics: CallbackMetrics
    private let tracer: SpanTracer?
    private let state = Mutex(State())

    private struct State: Sendable {
        /// How many attempts are under way, by the id of the receiver's queue.
        var underWay: [Int64: Int] = [:]
        /// How many attempts are under way, by account.
        var accounts = FairShares<Int64>(capacity: CallbackDispatcher.concurrency)
        var isStopping = false

        var free: Int { accounts.capacity - accounts.total }

        mutating func begin(_ claims: [CallbackClaim]) {
            for claim in claims {
                underWay[claim.queue, default: 0] += 1
                accounts.add(1, to: claim.delivery.accountID)
            }
        }

        mutating func end(_ claim: CallbackClaim) {
            let rest = (underWay[claim.queue] ?? 1) - 1
            underWay[claim.queue] = rest > 0 ? rest : nil
            accounts.release(1, of: claim.delivery.accountID)
        }
    }

    /// - Parameters:
    ///   - rules: the name of this node, and the shares of the receivers.
    ///   - metrics: where attempts are counted and timed.
    ///   - tracer: records the calls of traced emails; `nil` where nothing is traced.
    package init(
        store: Store, client: CallbackClient, rules: CallbackClaimRules, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.store = store
        self.client = client
        self.rules = rules
        self.logger = logger
        self.metrics = CallbackMetrics(metrics)
    }

    /// Delivers callbacks until the shutdown.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withDiscardingTaskGroup { calls in await self.dispatch(in: &calls) }
                }
                group.addTask {
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: Self.drain)
                }
                // The end of all attempts, or of the time they have.
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopping = true }
            self.store.callbacksQueued.set()
        }
    }

    private func dispatch(in calls: inout DiscardingTaskGroup) async {
        while !Task.isCancelled {
            let state = state.withLock { $0 }
            if state.isStopping { return }
            var sleep = Self.longestSleep
            if state.free > 0, !store.isWorkPaused { sleep = await claim(min(state.free, Self.largestClaim), state, in: &calls) }
            if sleep > .zero { await store.callbacksQueued.wait(atMost: min(sleep, Self.longestSleep)) }
        }
    }

    /// Claims deliveries and starts their attempts.
    ///
    /// - Returns: how long to wait for the next claim, unless the outbox gets something before.
    private func claim(_ limit: Int, _ state: State, in calls: inout DiscardingTaskGroup) async -> Duration {
        do {
            let (claimed, next) = try await store.write { [rules] tx in
                let claimed = try tx.callbacks.claim(rules, limit: limit, underWay: state.underWay, accounts: state.accounts)
                return (claimed, try tx.callbacks.nextDue(except: state.accounts.exhausted).map { $0 - tx.now })
            }
            for callback in claimed.unreadable {
                logger.error(
                    "A callback could not be read and is parked",
                    metadata: ["callback.id": "\(callback.id)", "error": "\(callback.reason)"])
            }
            guard !claimed.claims.isEmpty else { return next ?? Self.longestSleep }
            self.state.withLock { $0.begin(claimed.claims) }
            calls.addTask { await self.deliver(claimed.claims) }
            return .zero
        } catch {
            logger.error("The outbox of callbacks could not be read", metadata: ["error": "\(error)"])
            return Self.longestSleep
        }
    }

    /// Reads the contents of the claimed deliveries, and makes the attempts.
    ///
    /// One whose email cannot be read is parked, and delays no other.
    private func deliver(_ claims: [CallbackClaim]) async {
        var contents: [Result<CallbackContent, any Error>]?
        do {
            contents = try await store.read { tx in
                try claims.map { claim -> Result<CallbackContent, any Error> in
                    do {
                        return .success(try tx.callbacks.content(of: claim))
                    } catch let error as StorageError where !error.isTemporary {
                        return .failure(error)
                    }
                }
            }
        } catch {
            logger.error("The emails of callbacks could not be read", metadata: ["error": "\(error)"])
        }
        await withDiscardingTaskGroup { calls in
            for (index, claim) in claims.enumerated() {
                calls.addTask { [content = contents?[index]] in
                    let outcome = await self.outcome(of: claim, content)
                    await self.record(outcome, of: claim)
                }
            }
        }
    }

    /// - Parameter content: `nil` where the database could not be read.
    private func outcome(of claim: CallbackClaim, _ content: Result<CallbackContent, any Error>?) async -> CallbackOutcome {
        switch content {
        case .success(let content): return await attempt(claim, content)
        case .failure(let error):
            logger.error(
                "The email of a callback could not be read", metadata: ["callback.id": "\(claim.delivery.id)", "error": "\(error)"])
            return .refused(CallbackAttempt(at: store.now, error: "The stored email could not be read."))
        case nil: return .released
        }
    }

    private func record(_ outcome: CallbackOutcome, of claim: CallbackClaim) async {
        do {
            let status = try await store.write(.email(claim.delivery.emailID)) { [rules] in
                try $0.callbacks.record(outcome, of: claim, owner: rules.owner)
            }
            metrics.count(outcome, status)
        } catch {
            // The lease expires, and the attempt is repeated.
            logger.error("A callback could not be recorded", metadata: ["callback.id": "\(claim.delivery.id)", "error": "\(error)"])
        }
        state.withLock { $0.end(claim) }
        store.callbacksQueued.set()
    }

    private func attempt(_ claim: CallbackClaim, _ content: CallbackContent) async -> CallbackOutcome {
        let delivery = claim.delivery
        let now = store.now
        guard let url = CallbackURL.read(delivery.url) else { return .refused(CallbackAttempt(at: now, error: "no valid URL")) }
        let body =
            SESEventBody.make(claim.event, eventID: delivery.eventID, kind: claim.kind, email: content.email)
            ?? CallbackBody.make(delivery, claim.event, email: content.email, userName: content.userName)
        let span = beginSpan(of: delivery, content.email)
        var headers = StandardWebhook.headers(id: delivery.id, at: now, body: body, keys: claim.secret.keys(at: now))
        if let trace = span?.trace ?? content.email?.content.trace { headers.append(("traceparent", trace.description)) }
        let start = ContinuousClock.now
        defer {
            metrics.calls.record(.now - start)
            span?.finish()
        }
        do {
            let status = try await client.post(url, headers: headers, body: body, for: delivery.accountID)
            if !(200..<300).contains(status) { span?.fail() }
            return outcome(status, of: delivery, at: now, host: url.host)
        } catch {
            span?.fail()
            return outcome(error, of: delivery, at: now, host: url.host)
        }
    }

    /// Begins the span of a call; `nil` where the email is not traced.
    private func beginSpan(of delivery: CallbackDelivery, _ email: Email?) -> RecordedSpan? {
        guard let tracer, let trace = email?.content.trace, trace.isSampled else { return nil }
        let span = tracer.begin("callback", .client, below: trace)
        span.set("callback.id", delivery.id.description)
        return span
    }

    private func outcome(_ status: Int, of delivery: CallbackDelivery, at time: Timestamp, host: String) -> CallbackOutcome {
        if (200..<300).contains(status) {
            log("Callback delivered", delivery, host, ["http.status": "\(status)"])
            return .delivered(CallbackAttempt(at: time, httpStatus: status))
        }
        let note = (300..<400).contains(status) ? ", and redirects are not followed" : ""
        log("Callback failed", delivery, host, ["http.status": "\(status)"])
        return .failed(CallbackAttempt(at: time, httpStatus: status, error: "the receiver answered \(status)\(note)"))
    }

    private func outcome(_ failure: CallbackFailure, of delivery: CallbackDelivery, at time: Timestamp, host: String) -> CallbackOutcome {
        log("Callback failed", delivery, host, ["callback.error": "\(failure.explanation)"])
        let attempt = CallbackAttempt(at: time, error: failure.explanation)
        switch failure.kind {
        case .transient: return .failed(attempt)
        case .refused: return .refused(attempt)
        case .abandoned: return .released
        }
    }

    /// Logs the host and never the URL: path and query may hold the customer's secrets.
    private func log(_ message: Logger.Message, _ delivery: CallbackDelivery, _ host: String, _ metadata: Logger.Metadata) {
        let common: Logger.Metadata = ["callback.id": "\(delivery.id)", "callback.host": "\(host)"]
        logger.debug(message, metadata: common.merging(metadata) { first, _ in first })
    }
}
