/// A URL of an account that is told what happens to its emails and to the account itself.
public struct CallbackEndpoint: Sendable, Equatable, Identifiable {
    public var id: Int64
    public var accountID: Int64
    public var url: String
    /// Statuses of emails and ``AccountNotice/Event``s that it is told of; empty for all there are.
    public var events: [String]
    /// An endpoint that is not active is told nothing.
    public var isActive: Bool
    public var createdAt: Timestamp

    public init(id: Int64, accountID: Int64, url: String, events: [String], isActive: Bool, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.url = url
        self.events = events
        self.isActive = isActive
        self.createdAt = createdAt
    }

    /// Everything that an endpoint can be told of: an email is `QUEUED` or `SCHEDULED` by the answer to the request, which needs no callback.
    public static let knownEvents =
        EmailStatus.allCases.filter(\.isTold).map(\.rawValue) + AccountNotice.Event.allCases.map(\.rawValue)

    /// How many endpoints an account may have.
    public static let maximumCount = 200

    public func wants(_ event: String) -> Bool {
        isActive && (events.isEmpty || events.contains(event))
    }
}

/// What shall change about an endpoint; what is `nil` stays.
public struct CallbackEndpointChanges: Sendable {
    public var url: String?
    public var events: [String]?
    public var isActive: Bool?

    public init(url: String? = nil, events: [String]? = nil, isActive: Bool? = nil) {
        self.url = url
        self.events = events
        self.isActive = isActive
    }
}

extension EmailStatus {
    /// Whether callbacks tell of it. The answer to `POST /emails` itself says `QUEUED` or `SCHEDULED`.
    public var isTold: Bool {
        self != .queued && self != .scheduled
    }
}
