public import CoreMetrics
public import Logging
public import MailModel
import Metering
public import ServiceLifecycle
public import Storage
import Synchronization

/// Works the queue off: claims, composes, hands over, records.
///
/// Nothing is claimed before a call is free to be made for it, so a claim is the record of its attempt. What the network does happens
/// outside of any transaction. On shutdown no more is claimed, and the calls under way are waited for.
public final class Delivery: Service {
    /// Called in the transaction that records under which id the provider knows an email: events that came earlier wait for it.
    public typealias DidLearnMessageID = @Sendable (_ messageID: String, _ email: EmailID, _ context: WriteContext) throws -> Void

    private let store: Store
    private let transport: any Transport
    private let messages: MessageSource
    private let settings: DeliverySettings
    private let logger: Logger
    private let didLearnMessageID: DidLearnMessageID
    private let pace: SharedPace
    private let metrics: DeliveryMetrics
    private let state = Mutex(State())

    private struct State {
        var underWay = 0
        var isStopping = false
    }

    public init(
        store: Store, transport: any Transport, messages: MessageSource, settings: DeliverySettings, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, didLearnMessageID: @escaping DidLearnMessageID
    ) {
        self.store = store
        self.transport = transport
        self.messages = messages
        self.settings = settings
        self.logger = logger
        self.didLearnMessageID = didLearnMessageID
        pace = SharedPace(store: store, transport: transport, settings: settings, logger: logger, metrics: metrics)
        self.metrics = DeliveryMetrics(metrics)
    }

    public func run() async throws {
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
            self.store.emailsQueued.set()
        }
    }

    private func workOff(in sends: inout DiscardingTaskGroup) async {
        while !Task.isCancelled {
            switch nextStep() {
            case .stop: return
            case .wait(let time): await store.emailsQueued.wait(atMost: time)
            case .claim(let count): await claim(count, in: &sends)
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
        guard free > 0, !messages.isFull else { return .wait(Self.longestSleep) }
        let (granted, wait) = pace.take(upTo: min(free, Self.largestClaim), at: store.now)
        guard granted > 0 else { return .wait(min(wait, Self.longestSleep)) }
        state.withLock { $0.underWay += granted }
        return .claim(granted)
    }

    private func claim(_ count: Int, in sends: inout DiscardingTaskGroup) async {
        var emails: [Email] = []
        var sleep: Duration?
        do {
            let settings = settings
            (emails, sleep) = try await store.write { context in
                let emails = try context.claimEmails(owner: settings.owner, lease: settings.lease, grace: settings.grace, limit: count)
                return (emails, emails.isEmpty ? try context.nextDue().map { $0 - context.now } ?? Self.longestSleep : nil)
            }
        } catch {
            logger.error("The queue could not be read", metadata: ["error": "\(error)"])
            sleep = Self.longestSleep
        }
        let unused = count - emails.count
        state.withLock { $0.underWay -= unused }
        pace.giveBack(unused)
        for email in emails {
            sends.addTask { await self.deliver(email) }
        }
        if let sleep, sleep > .zero { await store.emailsQueued.wait(atMost: min(sleep, Self.longestSleep)) }
    }

    private func deliver(_ email: Email) async {
        let leaseEnd = store.now + settings.lease
        let outcome = await attempt(email, until: leaseEnd)
        metrics.count(outcome)
        while await !record(outcome, of: email.id, until: leaseEnd) {
            try? await Task.sleep(for: Self.recordAgainAfter)
        }
        if let messageID = outcome.messageID { transport.didRecord(email, messageID: messageID) }
        state.withLock { $0.underWay -= 1 }
        store.emailsQueued.set()
    }

    /// - Returns: false when it should be done again: a message that the provider has and nobody knows of would be sent twice.
    private func record(_ outcome: SendOutcome, of email: EmailID, until leaseEnd: Timestamp) async -> Bool {
        do {
            try await store.write(.email(email, messageID: outcome.messageID)) { [settings, didLearnMessageID] context in
                try context.record(outcome, of: email, owner: settings.owner)
                if let messageID = outcome.messageID { try didLearnMessageID(messageID, email, context) }
            }
            return true
        } catch {
            if let error = error as? StorageError, error.isTemporary, store.now < leaseEnd, !Task.isCancelled { return false }
            // The lease ends by itself, and the email is then treated as one whose outcome is unknown.
            logger.error("An attempt could not be recorded", metadata: ["email.id": "\(email)", "error": "\(error)"])
            return true
        }
    }

    private func attempt(_ email: Email, until leaseEnd: Timestamp) async -> SendOutcome {
        do {
            return try await messages.withMessage(of: email) { await send(email, $0, until: leaseEnd) }
        } catch {
            logger.error("The attachments could not be read", metadata: ["email.id": "\(email.id)", "error": "\(error)"])
            guard let error = error as? StorageError, error.isTemporary else {
                return .ended(.notSent, explanation: "Its attachments could not be read.")
            }
            return .paused(until: store.now + Self.longestSleep, explanation: "Its attachments could not be read")
        }
    }

    private func send(_ email: Email, _ message: [UInt8], until leaseEnd: Timestamp) async -> SendOutcome {
        // Where it waited too long for others with large attachments, it would be another node's when the call ends.
        guard store.now < leaseEnd - settings.lease / 2 else { return .paused(until: store.now, explanation: "There was no room for it") }
        await pace.waitForTurn()
        let start = ContinuousClock.now
        defer { metrics.calls.record(.now - start) }
        do throws(TransportError) {
            let messageID = try await transport.send(email, message: message)
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
            return .paused(until: pace.pause(at: now), explanation: error.explanation)
        case .retry(let isThrottled):
            if isThrottled {
                pace.slowDown(at: now)
                metrics.throttled.increment()
            }
            var generator = SystemRandomNumberGenerator()
            let next = settings.retries.nextAttempt(
                afterFailures: Int(email.attempts), acceptedAt: email.releaseAt, now: now, using: &generator)
            guard let next else { return .ended(.exhausted, explanation: error.explanation) }
            return .retry(at: next, explanation: error.explanation)
        }
    }
}
