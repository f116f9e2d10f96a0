import Concurrency
package import MailModel
import Synchronization

/// A DNS resolver with threads of its own: the system's resolver blocks, and no event loop may wait for a name server.
///
/// Answers are cached while they are valid, simultaneous callers with the same question share one query, and the numbers of queries and of
/// cached answers are bounded. Threads and queries are shared among those for whom questions are asked (``Caller``): slow names of one
/// account delay no other one's.
package final class Resolver: Sendable {
    private typealias State = ResolverState<CheckedContinuation<DNSAnswer, Never>>

    private let state = Mutex(State())
    private let threads: LookupThreads
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
        threads: Int = 64, clock: @escaping @Sendable () -> Timestamp, ask: @escaping @Sendable (DNSQuestion) -> DNSQuestion.Finding
    ) {
        self.clock = clock
        self.ask = ask
        self.threads = LookupThreads(limit: threads)
    }

    /// Returns the records of a name.
    ///
    /// Waits for some seconds at most, and no longer than until the task is cancelled.
    ///
    /// - Parameters:
    ///   - name: in full, with or without a dot at the end: `_dmarc.example.com`.
    ///   - isFresh: whether to query even where an answer is cached.
    package func answer(to name: String, _ type: DNSRecordType, isFresh: Bool = false) async -> DNSAnswer {
        guard let question = DNSQuestion(name: name, type: type) else { return .failed(.invalidName) }
        let ticket = state.withLock { $0.ticket() }
        let holder = Caller.current
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(continuation, for: question, ticket, of: holder, isFresh: isFresh)
                // The handler below ran before the waiter was registered.
                if Task.isCancelled { giveUp(question, ticket, of: holder) }
            }
        } onCancel: {
            giveUp(question, ticket, of: holder)
        }
    }

    private func wait(
        _ continuation: CheckedContinuation<DNSAnswer, Never>, for question: DNSQuestion, _ ticket: UInt64, of holder: String, isFresh: Bool
    ) {
        switch state.withLock({ $0.ask(question, for: continuation, ticket: ticket, of: holder, at: clock(), isFresh: isFresh) }) {
        case .answer(let answer): continuation.resume(returning: answer)
        case .wait: break
        case .ask:
            threads.run(for: holder) { [self] isActive in
                guard isActive else { return learn(DNSQuestion.Finding(answer: .failed(.noAnswer)), of: question, for: holder) }
                // While the query waited for a thread, all may have given up.
                guard state.withLock({ $0.begin(question, of: holder) }) else { return }
                learn(ask(question), of: question, for: holder)
            }
        }
    }

    private func giveUp(_ question: DNSQuestion, _ ticket: UInt64, of holder: String) {
        let waiting = state.withLock { $0.giveUp(question, ticket: ticket, of: holder) }
        waiting?.resume(returning: .failed(.noAnswer))
    }

    private func learn(_ finding: DNSQuestion.Finding, of question: DNSQuestion, for holder: String) {
        let waiting = state.withLock { $0.learn(finding, of: question, for: holder, at: clock()) }
        for continuation in waiting { continuation.resume(returning: finding.answer) }
    }

    /// Ends the threads.
    ///
    /// Queries that wait for one fail.
    package func close() {
        threads.close()
    }
}
