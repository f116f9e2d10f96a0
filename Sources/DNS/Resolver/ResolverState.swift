package import MailModel

/// What is known, what is being asked, and who waits for it. A value: whoever holds it does what ``Action`` says.
package struct ResolverState<Waiter> {
    package enum Action: Equatable {
        /// Nobody asks yet: do it, and tell ``learn(_:_:at:)``.
        case ask
        /// Somebody asks already; the waiter is kept.
        case wait
        case answer(DNSAnswer)
    }

    private struct Known {
        var answer: DNSAnswer
        var until: Timestamp
    }

    private var known: [DNSQuestion: Known] = [:]
    private var asked: [DNSQuestion: [UInt64: Waiter]] = [:]
    private var lastTicket: UInt64 = 0
    private let capacity: Int
    private let mostAsked: Int

    /// - Parameters:
    ///   - capacity: answers that are kept.
    ///   - mostAsked: questions that may be under way.
    package init(capacity: Int = 10_000, mostAsked: Int = 256) {
        self.capacity = capacity
        self.mostAsked = mostAsked
    }

    package var count: Int { known.count }

    /// A number for somebody who is going to wait, and may give up.
    package mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

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

    /// Takes out one who does not wait any longer. The question goes on: its answer is worth keeping.
    package mutating func giveUp(_ question: DNSQuestion, ticket: UInt64) -> Waiter? {
        asked[question]?.removeValue(forKey: ticket)
    }

    /// - Returns: who waited for it.
    package mutating func learn(_ finding: DNSQuestion.Finding, of question: DNSQuestion, at now: Timestamp) -> [Waiter] {
        if known.count >= capacity { known = known.filter { now < $0.value.until } }
        // All of them live long: which goes does not matter.
        while known.count >= capacity, let victim = known.keys.first { known[victim] = nil }
        known[question] = Known(answer: finding.answer, until: now + Self.lifetime(of: finding))
        return asked.removeValue(forKey: question).map { Array($0.values) } ?? []
    }

    /// How long an answer is kept: as long as the DNS says, within bounds, and failures only as long as spares whoever asks in a row.
    package static func lifetime(of finding: DNSQuestion.Finding) -> Duration {
        switch finding.answer {
        case .records: .seconds(min(max(Int64(finding.timeToLive ?? 0), 5), 3600))
        case .noData, .noSuchName: .seconds(60)
        case .failed: .seconds(5)
        }
    }
}
