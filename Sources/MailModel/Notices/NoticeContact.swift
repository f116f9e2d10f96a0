/// A person who is mailed the notices of an account (specification 7.3).
package struct NoticeContact: Sendable, Equatable {
    /// Where the notices go.
    package var address: EmailAddress
    /// The kinds that this contact wants; empty for all.
    package var events: [AccountNotice.Event]
    /// The language of the notices.
    package var language: NoticeLanguage

    /// A contact, who wants all notices unless it is said otherwise.
    package init(_ address: EmailAddress, events: [AccountNotice.Event] = [], language: NoticeLanguage = .english) {
        self.address = address
        self.events = events
        self.language = language
    }

    /// The most contacts of an account.
    package static let maximumCount = 20

    /// Whether this contact wants notices of a kind.
    package func wants(_ event: AccountNotice.Event) -> Bool {
        events.isEmpty || events.contains(event)
    }
}

/// A language of notices; the raw value is its code in ISO 639-1.
package enum NoticeLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"
    case portuguese = "pt"
}

/// A notice as it is stored, with what became of its email.
package struct StoredNotice: Sendable, Equatable, Identifiable {
    /// The id, by which notices sort by time.
    package var id: Int64
    /// The account that it is for.
    package var accountID: Int64
    /// The account's reference.
    package var accountReference: String
    /// When it happened.
    package var at: Timestamp
    /// What happened.
    package var notice: AccountNotice

    /// A notice of these values.
    package init(id: Int64, accountID: Int64, accountReference: String, at: Timestamp, notice: AccountNotice) {
        self.id = id
        self.accountID = accountID
        self.accountReference = accountReference
        self.at = at
        self.notice = notice
    }
}

/// When a notice is mailed (specification 7.3).
package enum NoticeSchedule {
    /// For how long after a notice was mailed no other of the same account, kind, level and subject is.
    package static let quietTime: Duration = .seconds(3600)
    /// The age up to which a notice is mailed: one that had to wait longer is known by then.
    package static let longestWait: Duration = .seconds(24 * 3600)

    /// Whether a notice is mailed now.
    ///
    /// - Parameters:
    ///   - at: when it happened.
    ///   - last: when one of the same account, kind, level and subject was mailed last; `nil` for never.
    package static func mails(_ at: Timestamp, last: Timestamp?, now: Timestamp) -> Bool {
        guard now - at <= longestWait else { return false }
        return last.map { now - $0 >= quietTime } ?? true
    }
}
