package import JSON
package import MailModel

/// What an event of SES does to the email that it is about.
///
/// Module Feedback makes it of SES's JSON. Where the email is known it is applied at once (``Emails/apply(_:to:)``); otherwise it is stored with
/// the event until SES's id of the email is recorded (``UnmatchedEvents``). What the event counts for, and whom it suppresses by the addresses
/// in it, does not wait.
package struct EventEffect: Sendable, Equatable {
    /// The name of the event in the timeline: an ``EmailStatus``, or that of an event that changes none, such as `DELIVERY_DELAY`.
    package var kind: String
    /// The status that it leads to; `nil` for an event that changes none.
    package var status: EmailStatus?
    /// What happened, in a sentence for people.
    package var explanation: String?
    /// When it happened; `nil` where SES gave no readable time.
    package var at: Timestamp?
    /// What SES said about the event, for the timeline.
    package var words: JSONObject
    /// Whom it happened to; empty where SES does not say.
    package var recipients: [Recipient]
    /// Whether the message had one recipient, whom the event is about whatever address it names: that of a forwarded mailbox differs.
    package var hasOneDestination: Bool
    /// What it says about the recipient's mailbox; `nil` where it says nothing, or soft bounces suppress no address.
    package var mailbox: MailboxEvidence?
    /// How the email is sent again; `nil` where it is not.
    package var retry: Retry?
    /// What is to be suppressed once the recipient is known; `nil` where nothing is.
    package var suppression: LateSuppression?

    /// - Parameters:
    ///   - kind: the name of the event in the timeline.
    ///   - words: what SES said about the event.
    ///   - hasOneDestination: whether the message had one recipient.
    package init(
        kind: String, status: EmailStatus? = nil, explanation: String? = nil, at: Timestamp? = nil, words: JSONObject = JSONObject(),
        recipients: [Recipient] = [], hasOneDestination: Bool = true, mailbox: MailboxEvidence? = nil, suppression: LateSuppression? = nil
    ) {
        self.kind = kind
        self.status = status
        self.explanation = explanation
        self.at = at
        self.words = words
        self.recipients = recipients
        self.hasOneDestination = hasOneDestination
        self.mailbox = mailbox
        self.suppression = suppression
    }

    /// A recipient that an event names.
    package struct Recipient: Sendable, Equatable {
        /// Its address; `nil` where SES's text is none.
        package var address: EmailAddress?
        /// What SES said about this recipient, such as the `diagnosticCode`.
        package var words: JSONObject

        /// A recipient.
        package init(address: EmailAddress?, words: JSONObject = JSONObject()) {
            self.address = address
            self.words = words
        }
    }

    /// What an event says about a mailbox, and by which limit soft bounces in a row suppress its address.
    package struct MailboxEvidence: Sendable, Equatable {
        /// How far back soft bounces count as in a row.
        static let window = Duration.seconds(30 * 86_400)

        /// True for a soft bounce that concerns the mailbox, false for an email that has reached it.
        package var isSoftBounce: Bool
        /// How many soft bounces in a row suppress the address; at least 1.
        package var limit: Int

        /// Evidence of a mailbox.
        package init(isSoftBounce: Bool, limit: Int) {
            self.isSoftBounce = isSoftBounce
            self.limit = limit
        }
    }

    /// How an email is sent again after a soft bounce.
    package struct Retry: Sendable, Equatable {
        /// The provider's id of the message that came back.
        package var messageID: String
        /// The most retries of an email.
        package var limit: Int
        /// When they are made.
        package var schedule: RetrySchedule

        /// A retry by these rules.
        package init(messageID: String, limit: Int, schedule: RetrySchedule) {
            self.messageID = messageID
            self.limit = limit
            self.schedule = schedule
        }
    }

    /// The suppression by an event in which the recipient's address could not be read: it includes the recipient.
    package struct LateSuppression: Sendable, Equatable {
        /// Why they are suppressed.
        package var reason: SuppressionReason
        /// The other addresses that the event suppresses.
        package var others: [EmailAddress]

        /// A suppression.
        package init(reason: SuppressionReason, others: [EmailAddress]) {
            self.reason = reason
            self.others = others
        }
    }
}

extension EventEffect {
    /// Returns whether the event happened to this recipient of the message.
    package func concerns(_ recipient: EmailAddress) -> Bool {
        recipients.isEmpty || hasOneDestination || entry(of: recipient) != nil
    }

    /// Returns the entry for the timeline of the email to this recipient.
    ///
    /// - Parameter now: the time of the entry where SES gave none.
    package func timelineEntry(for recipient: EmailAddress, now: Timestamp) -> TimelineEntry {
        let entry = entry(of: recipient) ?? (recipients.count == 1 ? recipients.first : nil)
        let details = (entry?.words ?? JSONObject()).reduce(into: words) { $0[$1.name] = $1.value }
        return TimelineEntry(
            status: kind, at: at ?? now, explanation: explanation,
            details: details.isEmpty ? nil : String(decoding: JSONValue.object(details).serialized, as: UTF8.self))
    }

    /// The entry of a recipient.
    ///
    /// Where no address can be read the first one is: every email has one recipient.
    private func entry(of recipient: EmailAddress) -> Recipient? {
        if recipients.allSatisfy({ $0.address == nil }) { return recipients.first }
        return recipients.first { $0.address?.suppressionKey == recipient.suppressionKey }
    }
}
