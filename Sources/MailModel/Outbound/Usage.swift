/// What was sent, refused and came back on one day, for a domain or a single sender: an entry of `GET /usage` (specification 3.15).
package struct UsageCounts: Sendable, Equatable {
    /// Emails that the gate has admitted, less those that were cancelled.
    package var sent: Int64
    /// Emails that the gate has refused.
    package var refused: Int64
    /// Bounces that count (specification 4.4), by the day on which they came.
    package var bounces: Int64
    /// Complaints that count, likewise.
    package var complaints: Int64

    /// Counts; none unless given.
    package init(sent: Int64 = 0, refused: Int64 = 0, bounces: Int64 = 0, complaints: Int64 = 0) {
        self.sent = sent
        self.refused = refused
        self.bounces = bounces
        self.complaints = complaints
    }

    /// Whether all counts are 0.
    package var isEmpty: Bool { self == UsageCounts() }

    /// Adds counts.
    package static func += (lhs: inout UsageCounts, rhs: UsageCounts) {
        lhs.sent += rhs.sent
        lhs.refused += rhs.refused
        lhs.bounces += rhs.bounces
        lhs.complaints += rhs.complaints
    }
}

/// What an email counts for in the usage of its account.
package enum UsageSource: Sendable, Hashable {
    /// A domain, by its id.
    case domain(Int64)
    /// A single sender.
    case sender(EmailAddress)
}

/// The counts of a day for a domain or a single sender.
package struct UsageEntry: Sendable, Equatable {
    /// The day (UTC).
    package var day: CalendarDay
    /// The reference of the account that owned the domain on that day.
    package var accountReference: String
    /// The domain; `nil` for a single sender.
    package var domain: DomainName?
    /// The address of a single sender; `nil` for a domain.
    package var sender: EmailAddress?
    /// The counts.
    package var counts: UsageCounts

    /// An entry with these values.
    package init(day: CalendarDay, accountReference: String, domain: DomainName?, sender: EmailAddress?, counts: UsageCounts) {
        self.day = day
        self.accountReference = accountReference
        self.domain = domain
        self.sender = sender
        self.counts = counts
    }
}
