/// A job that goes on in the background, step by step, with the receipt that its caller got (specification 9.6).
package struct Job: Sendable, Equatable, Identifiable {
    /// What a job does.
    package enum Kind: String, Sendable, CaseIterable {
        /// Erases what is known of a recipient.
        case eraseRecipient = "recipients.erase"
    }

    /// Where a job stands.
    package enum State: String, Sendable, CaseIterable {
        /// Not begun.
        case queued
        /// Begun; it goes on where it was, also after a restart.
        case running
        /// Finished: ``counts`` are the result.
        case done
        /// Given up after repeated failures; what was done stays done.
        case failed
    }

    /// The id, which sorts by the time.
    package var id: JobID
    /// What it does.
    package var kind: Kind
    /// Where it stands.
    package var state: State
    /// The account in whose data it works; `nil` for all accounts.
    package var accountID: Int64?
    /// The recipient's address with the first character of its local part alone.
    package var maskedRecipient: String
    /// What was erased so far.
    package var counts: ErasureCounts
    /// Why it failed, in a sentence; `nil` where it has not.
    package var failure: String?
    /// When it was asked for.
    package var createdAt: Timestamp
    /// When it ended; `nil` before.
    package var finishedAt: Timestamp?

    /// A job with these values.
    package init(
        id: JobID, kind: Kind, state: State, accountID: Int64?, maskedRecipient: String, counts: ErasureCounts = ErasureCounts(),
        failure: String? = nil, createdAt: Timestamp, finishedAt: Timestamp? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.accountID = accountID
        self.maskedRecipient = maskedRecipient
        self.counts = counts
        self.failure = failure
        self.createdAt = createdAt
        self.finishedAt = finishedAt
    }
}

/// The id of a job, which its caller follows it by.
package struct JobID: TimeOrderedID {
    /// The UUID.
    package let uuid: EmailID

    /// The id of this UUID.
    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}

/// How much of each kind an erasure has erased.
package struct ErasureCounts: Sendable, Equatable {
    /// A kind of what is known of a recipient.
    package enum Kind: String, Sendable, CaseIterable {
        /// Emails, whose rows stay without address and content.
        case emails
        /// Of them those that were cancelled, because they had not been sent.
        case cancelled
        case attachments
        /// Entries of timelines.
        case timelineEntries
        /// Callbacks, made or not.
        case callbacks
        /// Stored first answers of idempotency keys.
        case idempotencyAnswers
        case subscriptions
        /// Suppressions, which stay as keyed hashes.
        case suppressions
        /// Refused sends.
        case refusals
        /// Events of SES that belong to no known email.
        case unmatchedEvents
        /// Receipts of events.
        case receipts
    }

    private var counts: [Kind: Int64] = [:]

    /// Nothing yet.
    package init() {}

    /// The number of a kind; 0 for none.
    package subscript(kind: Kind) -> Int64 {
        get { counts[kind] ?? 0 }
        set { counts[kind] = newValue }
    }
}

extension EmailAddress {
    /// The address of a recipient who was erased: none.
    package static let erased = EmailAddress(validated: "")

    /// The address; `nil` for that of an erased recipient.
    package var shown: String? { isErased ? nil : description }

    /// Whether there is no address, because the recipient was erased.
    package var isErased: Bool { localPart.isEmpty && domain.description.isEmpty }
}
