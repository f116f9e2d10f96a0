/// What reports count of emails (specification 10.1, docs/reports.md says what each of them means).
package enum ReportMeasure: Int, Sendable, CaseIterable {
    /// Taken in, also those that are not sent.
    case accepted
    /// Taken by the provider.
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

    /// The name in answers: that of the case.
    package var name: String { Self.names[rawValue] }

    private static let names = allCases.map { "\($0)" }
}

/// How often everything happened, and the rates that follow from it.
package struct ReportCounts: Sendable, Equatable {
    private var values = SIMD16<Int64>(repeating: 0)

    package init() {}

    /// Each of these once.
    package init(_ measures: ReportMeasure...) {
        for measure in measures { self[measure] += 1 }
    }

    package subscript(measure: ReportMeasure) -> Int64 {
        get { values[measure.rawValue] }
        set { values[measure.rawValue] = newValue }
    }

    package var isEmpty: Bool { self == ReportCounts() }

    package static func + (lhs: Self, rhs: Self) -> Self {
        var sum = lhs
        sum.values = lhs.values &+ rhs.values
        return sum
    }

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
        // A bounce, without a further word, is a permanent failure (specification 4.4).
        case .bounceRate: (.hardBounced, .sent)
        case .softBounceRate: (.softBounced, .sent)
        case .complaintRate: (.complained, .sent)
        case .unsubscribeRate: (.unsubscribed, .delivered)
        }
    }

    package func of(_ counts: ReportCounts) -> Rate {
        Rate(counts[parts.count], of: counts[parts.total])
    }
}
