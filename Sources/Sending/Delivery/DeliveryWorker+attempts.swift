import CoreMetrics
import Logging
import MailModel
import Metering
import Storage
import Synchronization
import Telemetry

extension DeliveryWorker {
    private static let recordAgainAfter: Duration = .milliseconds(200)

    /// Makes an attempt with a claimed email, and records its outcome.
    func deliver(_ claimed: ClaimedEmail, within lease: AttemptLease) async {
        let email = claimed.email.withoutTexts
        let outcome = await attempt(claimed, within: lease)
        metrics.count(outcome)
        while await !record(outcome, of: email.id, within: lease) {
            try? await Task.sleep(for: Self.recordAgainAfter)
        }
        if let messageID = outcome.messageID { transport.didRecord(email, messageID: messageID) }
        state.withLock { $0.endCalls(1) }
        store.emailsQueued.set()
    }

    /// - Returns: false when it should be tried again: an email that is sent and not recorded would be sent twice.
    private func record(_ outcome: SendOutcome, of email: EmailID, within lease: AttemptLease) async -> Bool {
        do {
            try await store.write(.email(email, messageID: outcome.messageID)) { [settings] tx in
                try tx.queue.record(outcome, of: email, owner: settings.owner)
            }
            return true
        } catch {
            if let error = error as? StorageError, error.isTemporary, !lease.isOver(at: uptime()), !Task.isCancelled { return false }
            // The lease expires, and the outcome of the attempt then counts as unknown.
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
        // After a long wait for memory or for its turn, another node might claim the email during the call.
        guard await rateLimiter.waitForTurn(within: lease) else {
            return .paused(until: store.now, explanation: "Its turn did not come within its lease")
        }
        let start = ContinuousClock.now
        let began = uptime()
        let span = beginDelivery(of: email)
        defer {
            metrics.calls.record(.now - start)
            span?.finish()
        }
        do throws(TransportError) {
            let messageID = try await transport.send(email, message: message)
            await resume(email, began: began)
            return .sent(messageID: messageID)
        } catch {
            span?.fail()
            if case .parked(let scope) = error.consequence { await park(scope, error) }
            return outcome(of: error, for: email)
        }
    }

    /// Begins the span of a call of the provider; `nil` where the email is not traced.
    private func beginDelivery(of email: Email) -> RecordedSpan? {
        guard let tracer, let trace = email.content.trace, trace.isSampled else { return nil }
        let span = tracer.begin("delivery", .client, below: trace)
        span.set("email.id", email.id.description)
        span.set("email.attempt", Int64(email.attempts) + 1)
        return span
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
            return .paused(until: now + rateLimiter.pause(at: uptime()), explanation: error.explanation)
        case .parked:
            return .paused(until: now + ParkedScopes.probeInterval, explanation: error.explanation)
        case .retry(let isThrottled):
            if isThrottled {
                rateLimiter.slowDown(at: uptime())
                metrics.throttled.increment()
            }
            var generator = SystemRandomNumberGenerator()
            let next = settings.retries.nextAttempt(
                afterFailures: Int(email.attempts), acceptedAt: email.releaseAt, now: now, using: &generator)
            guard let next else { return .ended(.exhausted, explanation: error.explanation) }
            return .retry(at: next, explanation: error.explanation)
        }
    }

    private func park(_ scope: SendingScope, _ error: TransportError) async {
        let now = uptime()
        let (isNew, isToBeShown) = state.withLock { ($0.park(scope, at: now), $0.showsPause(of: scope, at: now)) }
        if isNew {
            logger.warning(
                "The provider takes no mail of one scope; its mail waits, other mail goes on",
                metadata: ["sending.scope": "\(scope)", "provider.error": "\(error.explanation)"])
        }
        if isToBeShown { await show { try $0.sendingPauses.insert(scope, reason: error.explanation) } }
    }

    /// The provider has accepted an email.
    private func resume(_ email: Email, began: ContinuousClock.Instant) async {
        let resumed = state.withLock { $0.didSend(transport.scopes(of: email.origin), began: began) }
        guard !resumed.isEmpty else { return }
        for scope in resumed {
            logger.notice("The provider takes mail of a scope again", metadata: ["sending.scope": "\(scope)"])
        }
        await show { try $0.sendingPauses.delete(resumed) }
    }

    /// Stores what people are shown of pauses; delivery does not depend on it.
    private func show(_ change: @escaping @Sendable (Transaction) throws -> Void) async {
        do {
            try await store.write { try change($0) }
        } catch {
            logger.warning("A pause of the provider could not be stored", metadata: ["error": "\(error)"])
        }
    }
}

extension Email {
    /// The email without its texts, which may have megabytes and are not needed once the message is composed.
    fileprivate var withoutTexts: Email {
        var email = self
        email.content.text = ""
        email.content.html = nil
        return email
    }
}
