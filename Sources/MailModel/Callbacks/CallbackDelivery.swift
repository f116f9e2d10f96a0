/// One event told, or to be told, to one URL.
public struct CallbackDelivery: Sendable, Equatable, Identifiable {
    public enum Status: String, Sendable, CaseIterable {
        /// To be tried, or tried again.
        case pending
        /// The receiver answered 2xx.
        case delivered
        /// Every attempt failed, or none can succeed; it waits for a replay.
        case parked
    }

    /// The same at every attempt and replay: `webhook-id`.
    public var id: CallbackID
    public var accountID: Int64
    /// The same for every URL that is told of one event.
    public var eventID: CallbackID
    /// `nil` for what concerns the account.
    public var emailID: EmailID?
    public var url: String
    public var status: Status
    /// The latest attempts, oldest first.
    public var attempts: [CallbackAttempt]
    /// When it is tried next; `nil` when it is not, or waits for an earlier one of the same email.
    public var nextAttemptAt: Timestamp?

    public init(
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
public struct CallbackAttempt: Sendable, Equatable {
    public var at: Timestamp
    /// What the receiver answered; `nil` without an answer.
    public var httpStatus: Int?
    /// Why it failed, in a sentence; `nil` for a success.
    public var error: String?

    public init(at: Timestamp, httpStatus: Int? = nil, error: String? = nil) {
        self.at = at
        self.httpStatus = httpStatus
        self.error = error
    }

    /// How many attempts of a delivery are kept: a whole schedule and some replays.
    public static let keptCount = 16
}

/// What came of an attempt.
public enum CallbackOutcome: Sendable, Equatable {
    case delivered(CallbackAttempt)
    case failed(CallbackAttempt)
    /// It can never succeed as it is: no further attempt is made.
    case refused(CallbackAttempt)
    /// The node stops before it was made.
    case released
}
