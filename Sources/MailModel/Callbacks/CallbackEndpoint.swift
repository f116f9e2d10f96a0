/// A URL of an account that receives callbacks about the account's emails and the account itself (specification 7.1).
package struct CallbackEndpoint: Sendable, Equatable, Identifiable {
    /// The id in the database.
    package var id: Int64
    /// The account that it belongs to.
    package var accountID: Int64
    /// Where callbacks are sent to.
    package var url: String
    /// The statuses of emails and ``AccountNotice/Event``s that it receives; empty for all.
    package var events: [String]
    /// Whether callbacks are sent to it.
    package var isActive: Bool
    /// The form of what it receives.
    package var kind: Kind
    /// When it was created.
    package var createdAt: Timestamp

    /// The form of the events that an endpoint receives.
    package enum Kind: String, Sendable, CaseIterable {
        /// The callbacks of this service.
        case martlet
        /// Events as Amazon SES publishes them, of emails only.
        case ses
    }

    /// An endpoint with these values.
    package init(
        id: Int64, accountID: Int64, url: String, events: [String], isActive: Bool, kind: Kind = .martlet, createdAt: Timestamp
    ) {
        self.id = id
        self.accountID = accountID
        self.url = url
        self.events = events
        self.isActive = isActive
        self.kind = kind
        self.createdAt = createdAt
    }

    /// The names of all events that cause callbacks.
    package static let knownEvents =
        EmailStatus.allCases.filter(\.causesCallbacks).map(\.rawValue) + AccountNotice.Event.allCases.map(\.rawValue)

    /// The most endpoints of an account.
    package static let maximumCount = 200

    /// Whether a callback is sent to it for the event of this name.
    package func wants(_ event: String) -> Bool {
        isActive && (events.isEmpty || events.contains(event)) && (kind == .martlet || EmailStatus(rawValue: event)?.sesEventType != nil)
    }
}

/// The changes of an endpoint; `nil` leaves a property as it is.
package struct CallbackEndpointChanges: Sendable {
    /// The new URL.
    package var url: String?
    /// The new list of events; empty for all.
    package var events: [String]?
    /// Whether callbacks are sent to it from now on.
    package var isActive: Bool?

    /// Changes of these values.
    package init(url: String? = nil, events: [String]? = nil, isActive: Bool? = nil) {
        self.url = url
        self.events = events
        self.isActive = isActive
    }
}

/// The form of a callback's URL.
///
/// Whether its address may be called is checked when it is called.
package enum CallbackURL {
    /// The most bytes of a URL.
    package static let maximumLength = 2048

    /// Reads an absolute http or https URL; `nil` for anything else, and for one that is too long.
    package static func read(_ text: String) -> WebURL? {
        text.utf8.count <= maximumLength ? WebURL(text) : nil
    }

    /// Returns a URL without its user information, and with its query as `?***`: either may have a token.
    package static func masked(_ text: String) -> String {
        let end = text.firstIndex { $0 == "?" || $0 == "#" } ?? text.endIndex
        var shown = String(text[..<end])
        if let scheme = shown.firstRange(of: "://") {
            let authority = shown[scheme.upperBound...].prefix { $0 != "/" }
            if let at = authority.lastIndex(of: "@") { shown.replaceSubrange(scheme.upperBound...at, with: "") }
        }
        return end == text.endIndex ? shown : shown + "?***"
    }
}

/// The secret that an account's callbacks are signed with (Standard Webhooks 1.0, "Signature scheme").
package struct CallbackSecret: Sendable, Equatable {
    /// How many random bytes a secret has: 24 to 64 are allowed.
    package static let length = 32

    /// The key's bytes; shown as `whsec_` and their Base64.
    package var value: [UInt8]
    /// When it was made.
    package var createdAt: Timestamp
    /// The previous key, which signs too until ``previousExpiresAt``.
    package var previous: [UInt8]?
    /// Until when ``previous`` signs too.
    package var previousExpiresAt: Timestamp?

    /// A secret with these values.
    package init(value: [UInt8], createdAt: Timestamp, previous: [UInt8]? = nil, previousExpiresAt: Timestamp? = nil) {
        self.value = value
        self.createdAt = createdAt
        self.previous = previous
        self.previousExpiresAt = previousExpiresAt
    }

    /// The keys that sign at this time, the newest first.
    package func keys(at now: Timestamp) -> [[UInt8]] {
        guard let previous, let previousExpiresAt, previousExpiresAt > now else { return [value] }
        return [value, previous]
    }

    /// Returns random bytes for a new key.
    package static func random() -> [UInt8] {
        .random(count: length)
    }
}
