import MailModel
import TestSupport
import Testing

struct ReportMarksTests {
    private static let events: [(event: String, first: [ReportMeasure], again: [ReportMeasure])] = [
        ("SENT", [.sent], []),
        ("DELIVERED", [.sent, .delivered], []),
        ("OPEN", [.sent, .delivered, .opened, .opens], [.opens]),
        ("CLICK", [.sent, .delivered, .clicked, .clicks], [.clicks]),
        ("BOUNCED", [.sent, .softBounced], []),
        ("BOUNCED_PERMANENT", [.sent, .hardBounced], []),
        ("COMPLAINED", [.sent, .complained], []),
        ("DELIVERY_DELAY", [.sent], []),
        ("NOT_SPAM", [.sent], []),
        ("AUTOMATED_OPEN", [.sent, .delivered, .automatedOpens], [.automatedOpens]),
        ("AUTOMATED_CLICK", [.sent, .delivered, .automatedClicks], [.automatedClicks]),
        ("NOT_SENT", [.rejected], []), ("EXHAUSTED", [.rejected], []), ("BAD_TO", [.rejected], []), ("BAD_FROM", [.rejected], []),
        ("INCOMPLETE", [.rejected], []),
        ("BLOCKED_DUE_BAD_BEHAVIOUR", [.blocked], []),
        ("BLACKLISTED", [.blacklisted], []),
        ("UNSUBSCRIBED", [.unsubscribed], []),
        ("RESUBSCRIBED", [], []), ("QUEUED", [], []), ("SCHEDULED", [], []), ("DEQUEUED", [], []), ("CANCELLED", [], []),
        ("SUBSCRIPTION", [], []), ("SOMETHING", [], []), ("", [], []),
    ]

    private func counts(_ measures: [ReportMeasure]) -> ReportCounts {
        measures.reduce(ReportCounts()) { $0 + ReportCounts($1) }
    }

    @Test(arguments: events.indices) func `what an event adds, the first time and again`(index: Int) {
        let (event, first, again) = Self.events[index]
        var marks = ReportMarks()
        #expect(marks.take(event) == counts(first))
        #expect(marks.take(event) == counts(again))
    }

    @Test func `every status has its counts`() {
        #expect(EmailStatus.allCases.allSatisfy { status in Self.events.contains { $0.event == status.rawValue } })
    }

    /// The sums of a history do not depend on its order, nor on what comes twice but for opens and clicks.
    @Test func `any order ends in the same counts`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let history = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                Self.events[Int.random(in: 0..<Self.events.count, using: &generator)].event
            }
            let expected = sum(history)
            #expect(sum(history.shuffled(using: &generator)) == expected)
            let repeated = history + history.filter { !$0.hasSuffix("OPEN") && !$0.hasSuffix("CLICK") }
            #expect(sum(repeated.shuffled(using: &generator)) == expected)
        }
    }

    private func sum(_ history: [String]) -> ReportCounts {
        var marks = ReportMarks.tagged
        defer { #expect(marks.contains(.tagged)) }
        return history.reduce(ReportCounts()) { $0 + marks.take($1) }
    }
}
