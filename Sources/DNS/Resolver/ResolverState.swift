import Concurrency
package import MailModel

/// The state of a ``Resolver``: cached answers, queries under way, and their waiters. The owner carries out the ``Action`` it returns.
package struct ResolverState<Waiter> {
    /// What the owner has to do.
    package enum Action: Equatable {
        /// Run the query, and pass the result to ``learn(_:of:at:)``.
        case ask
        /// Nothing: the query is under way, and the waiter is kept.
        case wait
        /// Resume the waiter with this answer.
        case answer(DNSAnswer)
    }

    private struct Known {
        var answer: DNSAnswer
        var until: Timestamp
    }

    private var known: BoundedCache<DNSQuestion, Known>
    private var asked: [DNSQuestion: [UInt64: Waiter]] = [:]
    private var lastTicket: UInt64 = 0
    private let mostAsked: Int

    /// - Parameters:
    ///   - capacity: the maximum of cached answers; the oldest is removed for the next.
    ///   - mostAsked: the maximum of queries under way.
    package init(capacity: Int = 10_000, mostAsked: Int = 256) {
        known = BoundedCache(capacity: capacity)
        self.mostAsked = mostAsked
    }

    /// The number of cached answers.
    package var count: Int { known.count }

    /// Returns a number that identifies a waiter, with which it may give up.
    package mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    /// Asks a question for a waiter.
    package mutating func ask(_ question: DNSQuestion, for waiter: Waiter, ticket: UInt64, at now: Timestamp) -> Action {
        if let found = known[question], now < found.until { return .answer(found.answer) }
        if asked[question] != nil {
            asked[question]?[ticket] = waiter
            return .wait
        }
        guard asked.count < mostAsked else { return .answer(.failed(.overloaded)) }
        asked[question] = [ticket: waiter]
        return .ask
    }

    /// Removes and returns a waiter that does not wait any longer. The query goes on, and its answer is cached.
    package mutating func giveUp(_ question: DNSQuestion, ticket: UInt64) -> Waiter? {
        asked[question]?.removeValue(forKey: ticket)
    }

    /// Stores the result of a query.
    ///
    /// - Returns: its waiters.
    package mutating func learn(_ finding: DNSQuestion.Finding, of question: DNSQuestion, at now: Timestamp) -> [Waiter] {
        known.insert(Known(answer: finding.answer, until: now + Self.lifetime(of: finding)), for: question)
        return asked.removeValue(forKey: question).map { Array($0.values) } ?? []
    }

    /// Returns how long an answer is cached: its time to live, within 5 seconds to an hour; failures for 5 seconds.
    package static func lifetime(of finding: DNSQuestion.Finding) -> Duration {
        switch finding.answer {
        case .records: .seconds(min(max(Int64(finding.timeToLive ?? 0), 5), 3600))
        case .noData, .noSuchName: .seconds(60)
        case .failed: .seconds(5)
        }
    }
}
