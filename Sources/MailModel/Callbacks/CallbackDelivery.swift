/// The delivery of one event to one URL (specification 7.1).
package struct CallbackDelivery: Sendable, Equatable, Identifiable {
    /// Where a delivery stands.
    package enum Status: String, Sendable, CaseIterable {
        /// To be tried, or tried again.
        case pending
        /// The receiver answered 2xx.
        case delivered
        /// Every attempt failed, or none can succeed; it waits for a replay.
        case parked
    }

    /// The same at every attempt and replay: `webhook-id`.
    package var id: CallbackID
    /// The account that it belongs to.
    package var accountID: Int64
    /// The same for every URL that the event is delivered to.
    package var eventID: CallbackID
    /// The email that the event is about; `nil` for events of the account.
    package var emailID: EmailID?
    /// Where it is sent to.
    package var url: String
    /// Where it stands.
    package var status: Status
    /// The latest attempts, oldest first.
    package var attempts: [CallbackAttempt]
    /// When it is tried next; `nil` when it is not, or waits for an earlier one of the same email.
    package var nextAttemptAt: Timestamp?

    /// A delivery with these values.
    package init(
        id: CallbackID, accountID: Int64, eventID: CallbackID, emailID: EmailID?, url: String, status: Status,
        attempts: [CallbackAttempt], nextAttemptAt: Timestamp?
    ) {
        self.id = id
        self.accountID = accountID
        self.eventID = eventID
        self.emailID = emailID
        self.url = url
        self.status = status
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
    }
}

/// One attempt to deliver a callback.
package struct CallbackAttempt: Sendable, Equatable {
    /// When it was made.
    package var at: Timestamp
    /// The status code of the answer; `nil` without one.
    package var httpStatus: Int?
    /// Why it failed, in a sentence; `nil` for a success.
    package var error: String?

    /// An attempt with these values.
    package init(at: Timestamp, httpStatus: Int? = nil, error: String? = nil) {
        self.at = at
        self.httpStatus = httpStatus
        self.error = error
    }

    /// How many attempts of a delivery are kept: a whole schedule and some replays.
    package static let keptCount = 16
}

/// The outcome of an attempt.
package enum CallbackOutcome: Sendable, Equatable {
    case delivered(CallbackAttempt)
    case failed(CallbackAttempt)
    /// It can never succeed as it is: no further attempt is made.
    case refused(CallbackAttempt)
    /// It was not made, because the node stops.
    case released
}

/// The id of a delivery, sent as `webhook-id`, or of the event that it reports.
package struct CallbackID: TimeOrderedID {
    /// The UUID.
    package let uuid: EmailID

    /// The id of this UUID.
    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}
