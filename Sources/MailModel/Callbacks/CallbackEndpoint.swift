/// A URL of an account that is told what happens to its emails and to the account itself.
package struct CallbackEndpoint: Sendable, Equatable, Identifiable {
    package var id: Int64
    package var accountID: Int64
    package var url: String
    /// Statuses of emails and ``AccountNotice/Event``s that it is told of; empty for all there are.
    package var events: [String]
    /// An endpoint that is not active is told nothing.
    package var isActive: Bool
    package var createdAt: Timestamp

    package init(id: Int64, accountID: Int64, url: String, events: [String], isActive: Bool, createdAt: Timestamp) {
        self.id = id
        self.accountID = accountID
        self.url = url
        self.events = events
        self.isActive = isActive
        self.createdAt = createdAt
    }

    /// Everything that an endpoint can be told of: an email is `QUEUED` or `SCHEDULED` by the answer to the request, which needs no callback.
    package static let knownEvents =
        EmailStatus.allCases.filter(\.isTold).map(\.rawValue) + AccountNotice.Event.allCases.map(\.rawValue)

    /// How many endpoints an account may have.
    package static let maximumCount = 200

    package func wants(_ event: String) -> Bool {
        isActive && (events.isEmpty || events.contains(event))
    }
}

/// What shall change about an endpoint; what is `nil` stays.
package struct CallbackEndpointChanges: Sendable {
    package var url: String?
    package var events: [String]?
    package var isActive: Bool?

    package init(url: String? = nil, events: [String]? = nil, isActive: Bool? = nil) {
        self.url = url
        self.events = events
        self.isActive = isActive
    }
}

extension EmailStatus {
    /// Whether callbacks tell of it. The answer to `POST /emails` itself says `QUEUED` or `SCHEDULED`.
    package var isTold: Bool {
        self != .queued && self != .scheduled
    }
}
