package import CoreMetrics
package import Logging
import MailModel
import Metering
package import ServiceLifecycle
package import Storage
import Synchronization

/// Works the outbox off: claims what is due, calls, records.
///
/// Receivers take turns (`claimCallbacks`), so that one that is slow or dead holds a few calls at the most and nobody else waits for it.
/// On shutdown no more is claimed; calls that do not end within ``drain`` are given back and made by whoever comes next.
package final class CallbackDispatcher: Service {
    private static let concurrency = 256
    private static let largestClaim = 64
    /// How long the queue sleeps when nothing wakes it: another node may have put something in.
    private static let longestSleep: Duration = .seconds(1)
    private static let drain: Duration = .seconds(2)

    private let store: Store
    private let client: CallbackClient
    private let rules: CallbackClaimRules
    private let logger: Logger
    private let metrics: CallbackMetrics
    private let state = Mutex(State())

    private struct State {
        /// By receiver.
        var underWay: [Int64: Int] = [:]
        var isStopping = false

        var free: Int { CallbackDispatcher.concurrency - underWay.values.reduce(0, +) }
    }

    /// - Parameter rules: the name of this node, and how it takes turns.
    package init(
        store: Store, client: CallbackClient, rules: CallbackClaimRules, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.store = store
        self.client = client
        self.rules = rules
        self.logger = logger
        self.metrics = CallbackMetrics(metrics)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withDiscardingTaskGroup { calls in await self.workOff(in: &calls) }
                }
                group.addTask {
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: Self.drain)
                }
                // Whichever ends first: all calls, or their time.
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopping = true }
            self.store.callbacksQueued.set()
        }
    }

    private func workOff(in calls: inout DiscardingTaskGroup) async {
        while !Task.isCancelled {
            let (isStopping, free, underWay) = state.withLock { ($0.isStopping, $0.free, $0.underWay) }
            if isStopping { return }
            var sleep = Self.longestSleep
            if free > 0, !store.isWorkPaused { sleep = await claim(min(free, Self.largestClaim), underWay, in: &calls) }
            if sleep > .zero { await store.callbacksQueued.wait(atMost: min(sleep, Self.longestSleep)) }
        }
    }

    /// - Returns: how long there is nothing to do, unless something comes.
    private func claim(_ limit: Int, _ underWay: [Int64: Int], in calls: inout DiscardingTaskGroup) async -> Duration {
        do {
            let (claims, unreadable, next) = try await store.write { [rules] context in
                let claims = try context.claimCallbacks(rules, limit: limit, underWay: underWay)
                return (claims, context.unreadableCallbacks, try context.nextCallbackDue().map { $0 - context.now })
            }
            for callback in unreadable {
                logger.error(
                    "A callback could not be read and is parked",
                    metadata: ["callback.id": "\(callback.id)", "error": "\(callback.reason)"])
            }
            guard !claims.isEmpty else { return next ?? Self.longestSleep }
            state.withLock { state in
                for claim in claims { state.underWay[claim.lane, default: 0] += 1 }
            }
            calls.addTask { await self.deliver(claims) }
            return .zero
        } catch {
            logger.error("The outbox of callbacks could not be read", metadata: ["error": "\(error)"])
            return Self.longestSleep
        }
    }

    /// Reads what the claimed deliveries tell of, and makes the calls. One whose email cannot be read is parked, and holds up no other.
    private func deliver(_ claims: [CallbackClaim]) async {
        var contents: [Result<CallbackContent, any Error>]?
        do {
            contents = try await store.read { context in
                try claims.map { claim -> Result<CallbackContent, any Error> in
                    do {
                        return .success(try context.callbackContents(of: claim))
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

    /// - Parameter content: `nil` where the database did not answer.
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
                try $0.record(outcome, of: claim, owner: rules.owner)
            }
            metrics.count(outcome, status)
        } catch {
            // The lease ends by itself, and the call is then made again.
            logger.error("A callback could not be recorded", metadata: ["callback.id": "\(claim.delivery.id)", "error": "\(error)"])
        }
        state.withLock { state in
            let rest = (state.underWay[claim.lane] ?? 1) - 1
            state.underWay[claim.lane] = rest > 0 ? rest : nil
        }
        store.callbacksQueued.set()
    }

    private func attempt(_ claim: CallbackClaim, _ content: CallbackContent) async -> CallbackOutcome {
        let delivery = claim.delivery
        let now = store.now
        guard let url = CallbackURL.read(delivery.url) else { return .refused(CallbackAttempt(at: now, error: "no valid URL")) }
        let body = CallbackBody.make(delivery, claim.event, email: content.email, userName: content.userName)
        let headers = StandardWebhook.headers(id: delivery.id, at: now, body: body, keys: claim.secret.keys(at: now))
        let start = ContinuousClock.now
        defer { metrics.calls.record(.now - start) }
        do {
            let status = try await client.post(url, headers: headers, body: body)
            return outcome(status, of: delivery, at: now, host: url.host)
        } catch {
            return outcome(error, of: delivery, at: now, host: url.host)
        }
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

    /// The host and never the URL, whose path and query are the customer's.
    private func log(_ message: Logger.Message, _ delivery: CallbackDelivery, _ host: String, _ metadata: Logger.Metadata) {
        let common: Logger.Metadata = ["callback.id": "\(delivery.id)", "callback.host": "\(host)"]
        logger.debug(message, metadata: common.merging(metadata) { first, _ in first })
    }
}
