/// The measures that reports count (specification 10.1; docs/reports.md defines each of them).
package enum ReportMeasure: Int, Sendable, CaseIterable {
    /// Accepted, including those that are not sent.
    case accepted
    /// Accepted by the provider.
    case sent
    case delivered
    /// Emails that were opened, and how often.
    case opened, opens
    /// Emails in which a link was clicked, and how often.
    case clicked, clicks
    /// Emails that bounced softly or for a reason that SES cannot tell.
    case softBounced
    case hardBounced
    /// Emails that their recipient reported as spam.
    case complained
    /// Emails by whose link the recipient unsubscribed.
    case unsubscribed
    /// Ended unsent: `NOT_SENT`, `EXHAUSTED`, `BAD_TO`, `BAD_FROM`, `INCOMPLETE`.
    case rejected
    /// Ended unsent because the account or the domain must not send.
    case blocked
    /// Not sent because the recipient is on a suppression list.
    case blacklisted
    /// How often programs opened emails, and followed links: scanners and proxies, as far as SES can tell.
    case automatedOpens, automatedClicks

    /// The name in answers: that of the case.
    package var name: String { Self.names[rawValue] }

    private static let names = allCases.map { "\($0)" }
}

/// The counts of all measures.
package struct ReportCounts: Sendable, Equatable {
    private var values = SIMD16<Int64>(repeating: 0)

    /// Counts of nothing.
    package init() {}

    /// Counts of 1 for each of these measures.
    package init(_ measures: ReportMeasure...) {
        for measure in measures { self[measure] += 1 }
    }

    /// The count of a measure.
    package subscript(measure: ReportMeasure) -> Int64 {
        get { values[measure.rawValue] }
        set { values[measure.rawValue] = newValue }
    }

    /// Whether all counts are 0.
    package var isEmpty: Bool { self == ReportCounts() }

    /// The sum, measure by measure.
    package static func + (lhs: Self, rhs: Self) -> Self {
        var sum = lhs
        sum.values = lhs.values &+ rhs.values
        return sum
    }

    /// Adds counts, measure by measure.
    package static func += (lhs: inout Self, rhs: Self) {
        lhs = lhs + rhs
    }
}

/// A rate of a report: a share of what was sent, or of what was delivered.
package enum ReportRate: String, Sendable, CaseIterable {
    case deliveryRate, openRate, clickRate, bounceRate, softBounceRate, complaintRate, unsubscribeRate

    private var parts: (count: ReportMeasure, total: ReportMeasure) {
        switch self {
        case .deliveryRate: (.delivered, .sent)
        case .openRate: (.opened, .delivered)
        case .clickRate: (.clicked, .delivered)
        // The bounce rate counts permanent failures only (specification 4.4).
        case .bounceRate: (.hardBounced, .sent)
        case .softBounceRate: (.softBounced, .sent)
        case .complaintRate: (.complained, .sent)
        case .unsubscribeRate: (.unsubscribed, .delivered)
        }
    }

    /// Returns the rate of these counts.
    package func of(_ counts: ReportCounts) -> Rate {
        Rate(counts[parts.count], of: counts[parts.total])
    }
}
