import Concurrency
package import MailModel

/// The state of a ``Resolver``: cached answers, queries under way, and their waiters.
///
/// The owner carries out the ``Action`` it returns.
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

    /// A question under way, for one holder: another one's question must not wait in this one's queue.
    private struct Query: Hashable {
        var question: DNSQuestion
        var holder: String
    }

    private var known: BoundedCache<DNSQuestion, Known>
    private var asked: [Query: [UInt64: Waiter]] = [:]
    private var shares: FairShares<String>
    private var lastTicket: UInt64 = 0

    /// - Parameters:
    ///   - capacity: the maximum of cached answers; the oldest is removed for the next.
    ///   - mostAsked: the maximum of queries under way, which holders share.
    package init(capacity: Int = 10_000, mostAsked: Int = 4096) {
        known = BoundedCache(capacity: capacity)
        shares = FairShares(capacity: mostAsked)
    }

    /// The number of cached answers.
    package var count: Int { known.count }

    /// Returns a number that identifies a waiter, with which it may give up.
    package mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    /// Asks a question for a waiter.
    ///
    /// - Parameters:
    ///   - holder: for whom the question is asked.
    ///   - isFresh: whether a cached answer will not do. A query that is under way will.
    package mutating func ask(
        _ question: DNSQuestion, for waiter: Waiter, ticket: UInt64, of holder: String = "", at now: Timestamp, isFresh: Bool = false
    ) -> Action {
        if !isFresh, let found = known[question], now < found.until { return .answer(found.answer) }
        let query = Query(question: question, holder: holder)
        if asked[query] != nil {
            asked[query]?[ticket] = waiter
            return .wait
        }
        guard shares.take(1, for: holder) else { return .answer(.failed(.overloaded)) }
        asked[query] = [ticket: waiter]
        return .ask
    }

    /// Begins a query, unless all who asked have given up: then it is removed.
    ///
    /// - Returns: whether to make it.
    package mutating func begin(_ question: DNSQuestion, of holder: String = "") -> Bool {
        let query = Query(question: question, holder: holder)
        guard asked[query]?.isEmpty ?? true else { return true }
        if asked.removeValue(forKey: query) != nil { shares.release(1, of: holder) }
        return false
    }

    /// Removes and returns a waiter that does not wait any longer.
    ///
    /// The query goes on, and its answer is cached.
    package mutating func giveUp(_ question: DNSQuestion, ticket: UInt64, of holder: String = "") -> Waiter? {
        asked[Query(question: question, holder: holder)]?.removeValue(forKey: ticket)
    }

    /// Stores the result of a query.
    ///
    /// - Returns: its waiters.
    package mutating func learn(
        _ finding: DNSQuestion.Finding, of question: DNSQuestion, for holder: String = "", at now: Timestamp
    ) -> [Waiter] {
        known.insert(Known(answer: finding.answer, until: now + Self.lifetime(of: finding)), for: question)
        guard let waiters = asked.removeValue(forKey: Query(question: question, holder: holder)) else { return [] }
        shares.release(1, of: holder)
        return Array(waiters.values)
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
