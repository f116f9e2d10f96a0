import DequeModule
import Glibc
import MailModel
import Synchronization

/// Hashes passwords, one at a time and behind everything else that the machine has to do (specification 2.12).
///
/// Each hash runs on a thread of its own with the lowest priority: it takes long on purpose, and a flood of sign-ins must delay no email. Behind a
/// short queue there is no place.
package final class PasswordWorker: Sendable {
    private typealias Job = @Sendable () -> Void

    private struct State {
        var isRunning = false
        var waiting = Deque<Job>()
        var derivations = 0
    }

    private let state = Mutex(State())
    private let cost: PasswordCost
    private let longestQueue: Int
    /// What is compared where there is no hash: the same work, whether or not somebody has the address.
    private let decoy: PasswordHash

    /// - Parameters:
    ///   - cost: of new hashes.
    ///   - longestQueue: how many may wait besides the one that is being hashed.
    package init(cost: PasswordCost = .standard, longestQueue: Int = 8) {
        self.cost = cost
        self.longestQueue = longestQueue
        decoy = PasswordHash(decoy: cost)
    }

    /// How many hashes were computed, for tests: work is counted, not timed.
    package var derivations: Int { state.withLock { $0.derivations } }

    /// Returns the hash of a new password, as it is stored.
    ///
    /// - Throws: ``Refusal`` where too many wait.
    package func hash(_ password: String) async throws -> String {
        let cost = cost
        let hash = try await run { try PasswordHash(of: password, cost: cost).text }
        return hash
    }

    /// Whether a password is the one of a stored hash; false after the same work where there is none.
    ///
    /// - Throws: ``Refusal`` where too many wait.
    package func verify(_ password: String, against stored: String?) async throws -> Bool {
        let hash = stored.flatMap(PasswordHash.init)
        let compared = hash ?? decoy
        let isMatch = try await run { try compared.matches(password) }
        return isMatch && hash != nil
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            let job: Job = { continuation.resume(returning: Result(catching: work)) }
            if !enqueue(job) { continuation.resume(returning: .failure(Self.busy)) }
        }
        return try result.get()
    }

    private static let busy = Refusal(
        .unavailable, "Too many sign-ins at this moment, try again in a few seconds", retryAfter: .seconds(3))

    /// - Returns: false where there is no place.
    private func enqueue(_ job: @escaping Job) -> Bool {
        let isFirst: Bool? = state.withLock { state in
            guard state.isRunning else {
                state.isRunning = true
                return true
            }
            guard state.waiting.count < longestQueue else { return nil }
            state.waiting.append(job)
            return false
        }
        guard let isFirst else { return false }
        guard isFirst else { return true }
        if Self.startThread({ [self] in runAll(from: job) }) { return true }
        state.withLock { $0.isRunning = false }
        return false
    }

    private func runAll(from first: @escaping Job) {
        // On Linux a thread has a priority of its own: the lowest one.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        var next: Job? = first
        while let job = next {
            state.withLock { $0.derivations += 1 }
            job()
            next = state.withLock { state in
                guard let waiting = state.waiting.popFirst() else {
                    state.isRunning = false
                    return nil
                }
                return waiting
            }
        }
    }

    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    /// - Returns: false where the system has no further thread.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
