/// The measures that an email was counted for: each counts once for an email, however often and in whatever order its events arrive.
package struct ReportMarks: OptionSet, Sendable {
    /// The bits, as they are stored with the email.
    package let rawValue: Int64

    /// Marks that were stored.
    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    /// The email has tags, which are looked up when something of it counts.
    package static let tagged = ReportMarks(rawValue: 1 << 32)

    /// The email counts for no campaign: its account began too many that day.
    package static let unlisted = ReportMarks(rawValue: 1 << 33)

    /// The event of an open by a program.
    package static let automatedOpen = "AUTOMATED_OPEN"
    /// The event of a click by a program.
    package static let automatedClick = "AUTOMATED_CLICK"

    private init(_ measure: ReportMeasure) {
        rawValue = 1 << Int64(measure.rawValue)
    }

    /// Marks an event.
    ///
    /// An event implies others: an email that was opened was delivered, and one that SES reports on was sent. So the counts do not depend on
    /// events that SES was not asked for, or that come late.
    ///
    /// - Parameter event: `status` of the timeline's entry.
    /// - Returns: the counts that it adds.
    package mutating func take(_ event: String) -> ReportCounts {
        guard let status = EmailStatus(rawValue: event) else { return takeOther(event) }
        switch status {
        case .scheduled, .queued, .dequeued, .cancelled: return ReportCounts()
        case .sent: return once(.sent)
        case .delivered: return once(.sent, .delivered)
        case .open: return once(.sent, .delivered, .opened) + ReportCounts(.opens)
        case .click: return once(.sent, .delivered, .clicked) + ReportCounts(.clicks)
        case .bounced: return once(.sent, .softBounced)
        case .bouncedPermanent: return once(.sent, .hardBounced)
        case .complained: return once(.sent, .complained)
        case .notSent, .exhausted, .badTo, .badFrom, .incomplete: return once(.rejected)
        case .blockedDueBadBehaviour: return once(.blocked)
        case .blacklisted: return once(.blacklisted)
        }
    }

    /// Events that change no status.
    private mutating func takeOther(_ event: String) -> ReportCounts {
        switch event {
        case "DELIVERY_DELAY", "NOT_SPAM": once(.sent)
        case "UNSUBSCRIBED": once(.unsubscribed)
        case Self.automatedOpen: once(.sent, .delivered) + ReportCounts(.automatedOpens)
        case Self.automatedClick: once(.sent, .delivered) + ReportCounts(.automatedClicks)
        default: ReportCounts()
        }
    }

    private mutating func once(_ measures: ReportMeasure...) -> ReportCounts {
        var counts = ReportCounts()
        for measure in measures where insert(ReportMarks(measure)).inserted { counts[measure] = 1 }
        return counts
    }
}
