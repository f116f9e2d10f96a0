import Synchronization

/// Runs lookups of tokens as the ``AuthenticationThrottle`` allows.
///
/// Where a network has too many of them at the same time, the rest waits for their outcome: guesses that are sent at once are no more than
/// guesses one after another.
final class ThrottledLookups: Sendable {
    typealias Attempt = AuthenticationThrottle.Attempt
    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var throttle = AuthenticationThrottle()
        var waiters: [ClientNetwork: [Waiter]] = [:]

        /// Returns the waiters that can go on: all where the network is limited, which they are told then, else one.
        mutating func next(_ network: ClientNetwork, at now: ContinuousClock.Instant) -> [Waiter] {
            guard var waiting = waiters[network] else { return [] }
            if throttle.wait(for: network, at: now) != nil {
                waiters[network] = nil
                return waiting
            }
            let first = waiting.removeFirst()
            waiters[network] = waiting.isEmpty ? nil : waiting
            return [first]
        }
    }

    private let state = Mutex(State())
    private let uptime: @Sendable () -> ContinuousClock.Instant

    /// - Parameter uptime: a monotonic clock.
    init(uptime: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.uptime = uptime
    }

    /// Looks a token up, unless its network is limited.
    ///
    /// - Parameter lookUp: throws ``AuthenticationError``, or an error that says nothing about the token.
    /// - Throws: what `lookUp` throws; ``AuthenticationError/Reason/tooManyFailures(retryAfter:)`` in place of a failure beyond the limit.
    func run<Value>(_ attempt: Attempt, _ lookUp: () async throws -> Value) async throws -> Value {
        let isReserved = try await admit(attempt)
        do {
            let value = try await lookUp()
            if isReserved { settle(attempt, isReserved: true) { $0.recordUse(attempt, at: $1) } }
            return value
        } catch let error as AuthenticationError where error.isFailure {
            let wait = settle(attempt, isReserved: isReserved) { throttle, now in
                if !error.isOfRequestAlone { throttle.forget(attempt) }
                return throttle.recordFailure(of: attempt.network, at: now)
            }
            throw wait.map { AuthenticationError(reason: .tooManyFailures(retryAfter: $0)) } ?? error
        } catch {
            if isReserved { settle(attempt, isReserved: true) { _, _ in } }
            throw error
        }
    }

    /// Whether a token was used there before; it is used with it.
    func isKnown(_ attempt: Attempt) -> Bool {
        let now = uptime()
        return state.withLock { $0.throttle.useKnown(attempt, at: now) }
    }

    /// Counts a failure without a token.
    ///
    /// - Returns: the error to be thrown for it.
    func failure(_ reason: AuthenticationError.Reason, of network: ClientNetwork) -> AuthenticationError {
        let now = uptime()
        let (wait, waiters) = state.withLock { state in
            let wait = state.throttle.recordFailure(of: network, at: now)
            return (wait, state.throttle.wait(for: network, at: now) == nil ? [] : state.next(network, at: now))
        }
        for waiter in waiters { waiter.resume() }
        return AuthenticationError(reason: wait.map { .tooManyFailures(retryAfter: $0) } ?? reason)
    }

    /// Waits until an attempt is admitted.
    ///
    /// - Returns: whether it has a reservation, which is to be settled.
    private func admit(_ attempt: Attempt) async throws(AuthenticationError) -> Bool {
        var hasWaited = false
        while true {
            switch state.withLock({ $0.throttle.admit(attempt, at: uptime()) }) {
            case .reserved: return true
            case .known:
                // The place that it waited for is another one's.
                if hasWaited { settle(attempt, isReserved: false) { _, _ in } }
                return false
            case .refused(let seconds): throw AuthenticationError(reason: .tooManyFailures(retryAfter: seconds))
            case .full:
                hasWaited = true
                await waitForPlace(attempt)
            }
        }
    }

    private func waitForPlace(_ attempt: Attempt) async {
        await withCheckedContinuation { (waiter: Waiter) in
            let isQueued = state.withLock { state in
                // The last place may have become free since it was asked for.
                guard state.throttle.isFull(attempt.network, at: uptime()) else { return false }
                state.waiters[attempt.network, default: []].append(waiter)
                return true
            }
            if !isQueued { waiter.resume() }
        }
    }

    @discardableResult
    private func settle<Outcome>(
        _ attempt: Attempt, isReserved: Bool, _ record: (inout AuthenticationThrottle, ContinuousClock.Instant) -> Outcome
    ) -> Outcome {
        let now = uptime()
        let (outcome, waiters) = state.withLock { state in
            let outcome = record(&state.throttle, now)
            if isReserved { state.throttle.release(attempt.network) }
            return (outcome, state.waiters.isEmpty ? [] : state.next(attempt.network, at: now))
        }
        for waiter in waiters { waiter.resume() }
        return outcome
    }
}

extension AuthenticationError {
    /// Whether the token is no valid one, which counts as a failure.
    ///
    /// What a valid key is not allowed does not.
    fileprivate var isFailure: Bool {
        switch reason {
        case .malformedHeader, .unknownKey, .deactivated, .expired, .missingSignature, .incompleteSignature, .wrongSignature: true
        case .tooManyFailures, .addressNotAllowed, .rateLimitExceeded, .signatureExpired: false
        }
    }

    /// Whether a failure says nothing about the key itself: who knows the id of an access key must not lock its holder out.
    fileprivate var isOfRequestAlone: Bool {
        if case .wrongSignature = reason { true } else { false }
    }
}
