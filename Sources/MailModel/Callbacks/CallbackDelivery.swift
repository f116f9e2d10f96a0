/// One event told, or to be told, to one URL.
package struct CallbackDelivery: Sendable, Equatable, Identifiable {
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
    package var accountID: Int64
    /// The same for every URL that is told of one event.
    package var eventID: CallbackID
    /// `nil` for what concerns the account.
    package var emailID: EmailID?
    package var url: String
    package var status: Status
    /// The latest attempts, oldest first.
    package var attempts: [CallbackAttempt]
    /// When it is tried next; `nil` when it is not, or waits for an earlier one of the same email.
    package var nextAttemptAt: Timestamp?

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
    package var at: Timestamp
    /// What the receiver answered; `nil` without an answer.
    package var httpStatus: Int?
    /// Why it failed, in a sentence; `nil` for a success.
    package var error: String?

    package init(at: Timestamp, httpStatus: Int? = nil, error: String? = nil) {
        self.at = at
        self.httpStatus = httpStatus
        self.error = error
    }

    /// How many attempts of a delivery are kept: a whole schedule and some replays.
    package static let keptCount = 16
}

/// What came of an attempt.
package enum CallbackOutcome: Sendable, Equatable {
    case delivered(CallbackAttempt)
    case failed(CallbackAttempt)
    /// It can never succeed as it is: no further attempt is made.
    case refused(CallbackAttempt)
    /// The node stops before it was made.
    case released
}
