package import CoreMetrics
package import Logging
package import MailModel
import Metering
package import ServiceLifecycle
package import Storage
import Synchronization

/// Works the queue off: claims, composes, hands over, records.
///
/// Nothing is claimed before a call is free to be made for it, so a claim is the record of its attempt. What the network does happens
/// outside of any transaction. On shutdown no more is claimed, and the calls under way are waited for.
package final class DeliveryWorker: Service {
    /// Called in the transaction that records under which id the provider knows an email: events that came earlier wait for it.
    package typealias DidLearnMessageID = @Sendable (_ messageID: String, _ email: EmailID, _ context: WriteContext) throws -> Void

    private let store: Store
    private let transport: any Transport
    private let messages: MessageSource
    private let settings: DeliverySettings
    private let logger: Logger
    private let uptime: @Sendable () -> ContinuousClock.Instant
    private let didLearnMessageID: DidLearnMessageID
    private let pace: ClusterRateLimiter
    private let metrics: DeliveryMetrics
    private let state = Mutex(State())

    private struct State {
        var underWay = 0
        var isStopping = false
        var parked = ParkedScopes()
    }

    /// - Parameter uptime: the monotonic time by which leases, pace and pauses are measured; a test passes its own.
    package init(
        store: Store, transport: any Transport, messages: MessageSource, settings: DeliverySettings, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        didLearnMessageID: @escaping DidLearnMessageID
    ) {
        self.store = store
        self.transport = transport
        self.messages = messages
        self.settings = settings
        self.logger = logger
        self.didLearnMessageID = didLearnMessageID
        self.uptime = uptime
        pace = ClusterRateLimiter(store: store, transport: transport, settings: settings, logger: logger, metrics: metrics, uptime: uptime)
        self.metrics = DeliveryMetrics(metrics)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                await self.pace.begin()
                group.addTask { await self.pace.keep(didChange: self.store.emailsQueued.set) }
                await withDiscardingTaskGroup { sends in
                    await self.workOff(in: &sends)
                }
                group.cancelAll()
            }
            await self.pace.end()
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopping = true }
            // What waits for memory is given back: another node, or the next start, has it at once.
            self.messages.budget.close()
            self.store.emailsQueued.set()
        }
    }

    private func workOff(in sends: inout DiscardingTaskGroup) async {
        var admission = ClaimDecider()
        var failures = ClaimFailures()
        while !Task.isCancelled {
            switch nextStep() {
            case .stop: return
            case .wait(let time): await store.emailsQueued.wait(atMost: time)
            case .claim(let count): await claim(count, &admission, &failures, in: &sends)
            }
        }
    }

    private enum Step {
        case stop, wait(Duration), claim(Int)
    }

    /// How long the queue sleeps when nothing wakes it: another node may have put something in.
    private static let longestSleep: Duration = .seconds(1)
    private static let largestClaim = 64
    private static let recordAgainAfter: Duration = .milliseconds(200)

    private func nextStep() -> Step {
        let (isStopping, free) = state.withLock { ($0.isStopping, settings.concurrency - $0.underWay) }
        if isStopping { return .stop }
        guard free > 0, !store.isWorkPaused else { return .wait(Self.longestSleep) }
        let (granted, wait) = pace.take(upTo: min(free, Self.largestClaim), at: uptime())
        guard granted > 0 else { return .wait(min(wait, Self.longestSleep)) }
        state.withLock { $0.underWay += granted }
        return .claim(granted)
    }

    private func claim(
        _ granted: Int, _ admission: inout ClaimDecider, _ failures: inout ClaimFailures, in sends: inout DiscardingTaskGroup
    ) async {
        let lease = AttemptLease(claimedAt: uptime(), length: settings.lease)
        let limit = failures.limit(granted)
        // Behind emails that are postponed there may be others, which the pace lets go.
        let looksFurther = admission.didPostpone && !failures.isSearching
        let rules = EmailClaimRules(
            owner: settings.owner, lease: settings.lease, grace: settings.grace, limit: limit,
            lookAt: looksFurther ? Self.largestClaim : nil)
        begin(&admission)
        var emails: [ClaimedEmail] = []
        var sleep: Duration
        do {
            let claim: EmailClaim
            (claim, admission, sleep) = try await store.write { [admission, transport] context in
                var admission = admission
                let claim = try context.claimEmails(rules) { admission.decide($0, scopes: transport.scopes(of:)) }
                let next = claim.emails.isEmpty ? try context.nextDue().map { $0 - context.now } ?? Self.longestSleep : .zero
                return (claim, admission, next)
            }
            emails = claim.emails
            failures.didSucceed()
            finish(admission, claim)
        } catch {
            sleep = await recover(from: error, &failures)
        }
        let unused = granted - emails.count
        state.withLock { $0.underWay -= unused }
        pace.giveBack(unused)
        for email in emails {
            sends.addTask { await self.deliver(email, within: lease) }
        }
        if sleep > .zero { await store.emailsQueued.wait(atMost: min(sleep, Self.longestSleep)) }
    }

    private func begin(_ admission: inout ClaimDecider) {
        let now = uptime()
        let parked = state.withLock { state in
            state.parked.prune(at: now)
            return state.parked
        }
        metrics.parked.record(parked.count)
        admission.begin(parked: parked, room: messages.budget.free, at: now)
    }

    /// Takes over what a claim came to, once it is committed.
    private func finish(_ admission: ClaimDecider, _ claim: EmailClaim) {
        if !admission.probed.isEmpty { state.withLock { $0.parked.didProbe(admission.probed, at: uptime()) } }
        for email in claim.unreadable {
            metrics.unreadable.increment()
            let consequence = email.consequence == .ended ? "it is NOT_SENT" : "it is looked at again in an hour"
            logger.error(
                "An email of the queue could not be read",
                metadata: ["email.id": "\(email.id)", "error": "\(email.reason)", "email.consequence": "\(consequence)"])
        }
    }

    /// A claim that fails for no reason of the database's, and would fail again, is made email by email, until the one is found that it fails for.
    ///
    /// - Returns: how long to wait.
    private func recover(from error: any Error, _ failures: inout ClaimFailures) async -> Duration {
        logger.error("The queue could not be read", metadata: ["error": "\(error)"])
        let isTemporary = (error as? StorageError)?.isTemporary ?? false
        guard !isTemporary, failures.didFail() else { return isTemporary ? Self.longestSleep : .zero }
        do {
            let postponed = try await store.write { context in try context.postponeOldestDue() }
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

    private func deliver(_ claimed: ClaimedEmail, within lease: AttemptLease) async {
        let email = claimed.email.withoutTexts
        let outcome = await attempt(claimed, within: lease)
        metrics.count(outcome)
        while await !record(outcome, of: email.id, within: lease) {
            try? await Task.sleep(for: Self.recordAgainAfter)
        }
        if let messageID = outcome.messageID { transport.didRecord(email, messageID: messageID) }
        state.withLock { $0.underWay -= 1 }
        store.emailsQueued.set()
    }

    /// - Returns: false when it should be done again: a message that the provider has and nobody knows of would be sent twice.
    private func record(_ outcome: SendOutcome, of email: EmailID, within lease: AttemptLease) async -> Bool {
        do {
            try await store.write(.email(email, messageID: outcome.messageID)) { [settings, didLearnMessageID] context in
                try context.record(outcome, of: email, owner: settings.owner)
                if let messageID = outcome.messageID { try didLearnMessageID(messageID, email, context) }
            }
            return true
        } catch {
            if let error = error as? StorageError, error.isTemporary, !lease.isOver(at: uptime()), !Task.isCancelled { return false }
            // The lease ends by itself, and the email is then treated as one whose outcome is unknown.
            logger.error("An attempt could not be recorded", metadata: ["email.id": "\(email)", "error": "\(error)"])
            return true
        }
    }

    private func attempt(_ claimed: ClaimedEmail, within lease: AttemptLease) async -> SendOutcome {
        let email = claimed.email.withoutTexts
        do {
            return try await messages.withMessage(of: claimed) { await send(email, $0, within: lease) }
        } catch is MessageMemoryBudget.Closed {
            return .paused(until: store.now, explanation: "The node stops")
        } catch is CancellationError {
            return .paused(until: store.now, explanation: "The node stops")
        } catch {
            logger.error("The content of an email could not be read", metadata: ["email.id": "\(email.id)", "error": "\(error)"])
            guard let error = error as? StorageError, error.isTemporary else {
                metrics.unreadable.increment()
                return .ended(.notSent, explanation: "Its stored content could not be read.")
            }
            return .paused(until: store.now + Self.longestSleep, explanation: "Its content could not be read")
        }
    }

    private func send(_ email: Email, _ message: [UInt8], within lease: AttemptLease) async -> SendOutcome {
        // Where it waited too long, for memory or for its turn, it would be another node's when the call ends.
        guard await pace.waitForTurn(within: lease) else {
            return .paused(until: store.now, explanation: "Its turn did not come within its lease")
        }
        let start = ContinuousClock.now
        let began = uptime()
        defer { metrics.calls.record(.now - start) }
        do throws(TransportError) {
            let messageID = try await transport.send(email, message: message)
            resume(email, began: began)
            return .sent(messageID: messageID)
        } catch {
            return outcome(of: error, for: email)
        }
    }

    private func outcome(of error: TransportError, for email: Email) -> SendOutcome {
        let now = store.now
        switch error.consequence {
        case .permanent(let status):
            return .ended(status, explanation: error.explanation)
        case .unknown:
            return .unknown(until: now + settings.grace, explanation: error.explanation)
        case .paused:
            logger.warning("The provider takes no mail; the queue waits", metadata: ["provider.error": "\(error.explanation)"])
            return .paused(until: now + pace.pause(at: uptime()), explanation: error.explanation)
        case .parked(let scope):
            park(scope, error)
            return .paused(until: now + ParkedScopes.probeInterval, explanation: error.explanation)
        case .retry(let isThrottled):
            if isThrottled {
                pace.slowDown(at: uptime())
                metrics.throttled.increment()
            }
            var generator = SystemRandomNumberGenerator()
            let next = settings.retries.nextAttempt(
                afterFailures: Int(email.attempts), acceptedAt: email.releaseAt, now: now, using: &generator)
            guard let next else { return .ended(.exhausted, explanation: error.explanation) }
            return .retry(at: next, explanation: error.explanation)
        }
    }

    private func park(_ scope: SendingScope, _ error: TransportError) {
        guard state.withLock({ $0.parked.park(scope, at: uptime()) }) else { return }
        logger.warning(
            "The provider takes no mail of one scope; its mail waits, other mail goes on",
            metadata: ["sending.scope": "\(scope)", "provider.error": "\(error.explanation)"])
    }

    /// The provider has taken a message.
    private func resume(_ email: Email, began: ContinuousClock.Instant) {
        let resumed = state.withLock { state in
            state.parked.isEmpty ? [] : state.parked.didSend(transport.scopes(of: email.sender), began: began)
        }
        for scope in resumed {
            logger.notice("The provider takes mail of a scope again", metadata: ["sending.scope": "\(scope)"])
        }
    }
}

extension Email {
    /// For all that is done once its message is made: a text may have megabytes.
    fileprivate var withoutTexts: Email {
        var email = self
        email.content.text = ""
        email.content.html = nil
        return email
    }
}
