package import MailModel
import NIOPosix
import Synchronization

/// A DNS resolver with a few threads of its own: the system's resolver blocks, and no event loop may wait for a name server.
///
/// Answers are cached while they are valid, simultaneous callers with the same question share one query, and the numbers of queries and of
/// cached answers are bounded.
package final class Resolver: Sendable {
    private typealias State = ResolverState<CheckedContinuation<DNSAnswer, Never>>

    private let state = Mutex(State())
    private let pool: NIOThreadPool
    private let clock: @Sendable () -> Timestamp
    private let ask: @Sendable (DNSQuestion) -> DNSQuestion.Finding

    /// - Parameters:
    ///   - nameserver: queried in place of those in `/etc/resolv.conf`.
    ///   - clock: the present time, by which answers expire.
    package convenience init(nameserver: Nameserver? = nil, clock: @escaping @Sendable () -> Timestamp) {
        self.init(clock: clock) { $0.ask(nameserver) }
    }

    /// A resolver with another way to query, for tests.
    ///
    /// - Parameters:
    ///   - threads: the maximum of simultaneous queries.
    ///   - clock: the present time, by which answers expire.
    ///   - ask: queries, and may block.
    package init(
        threads: Int = 4, clock: @escaping @Sendable () -> Timestamp, ask: @escaping @Sendable (DNSQuestion) -> DNSQuestion.Finding
    ) {
        self.clock = clock
        self.ask = ask
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Returns the records of a name. Waits for some seconds at most, and no longer than until the task is cancelled.
    ///
    /// - Parameter name: in full, with or without a dot at the end: `_dmarc.example.com`.
    package func answer(to name: String, _ type: DNSRecordType) async -> DNSAnswer {
        guard let question = DNSQuestion(name: name, type: type) else { return .failed(.invalidName) }
        let ticket = state.withLock { $0.ticket() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(continuation, for: question, ticket)
                // The handler below ran before the waiter was registered.
                if Task.isCancelled { giveUp(question, ticket) }
            }
        } onCancel: {
            giveUp(question, ticket)
        }
    }

    private func wait(_ continuation: CheckedContinuation<DNSAnswer, Never>, for question: DNSQuestion, _ ticket: UInt64) {
        switch state.withLock({ $0.ask(question, for: continuation, ticket: ticket, at: clock()) }) {
        case .answer(let answer): continuation.resume(returning: answer)
        case .wait: break
        case .ask:
            pool.submit { [self] work in
                learn(work == .active ? ask(question) : DNSQuestion.Finding(answer: .failed(.noAnswer)), of: question)
            }
        }
    }

    private func giveUp(_ question: DNSQuestion, _ ticket: UInt64) {
        let waiting = state.withLock { $0.giveUp(question, ticket: ticket) }
        waiting?.resume(returning: .failed(.noAnswer))
    }

    private func learn(_ finding: DNSQuestion.Finding, of question: DNSQuestion) {
        let waiting = state.withLock { $0.learn(finding, of: question, at: clock()) }
        for continuation in waiting { continuation.resume(returning: finding.answer) }
    }

    /// Ends the threads. Queries that are still under way fail.
    package func close() async throws {
        try await pool.shutdownGracefully()
    }
}
