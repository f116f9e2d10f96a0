public import FoundationEssentials
import NIOHTTP1

/// Which emails a list has; without a value, all.
public struct EmailFilter: Sendable {
    /// Those of this status.
    public var status: EmailStatus?
    /// Those to this address.
    public var to: String?
    /// Those from this address.
    public var from: String?
    /// Those of this campaign.
    public var externalID: String?
    /// Those of this label.
    public var tag: String?

    /// Creates a filter.
    public init(status: EmailStatus? = nil, to: String? = nil, from: String? = nil, externalID: String? = nil, tag: String? = nil) {
        self.status = status
        self.to = to
        self.from = from
        self.externalID = externalID
        self.tag = tag
    }

    var query: [(name: String, value: String?)] {
        [("status", status?.rawValue), ("to", to), ("from", from), ("externalId", externalID), ("tag", tag)]
    }
}

extension MartletAPI {
    /// Sends an email.
    ///
    /// - Parameters:
    ///   - email: the email.
    ///   - unsubscribe: the words of an unsubscribe link at the end; `nil` for none.
    ///   - idempotencyKey: an email is accepted once under a key within 24 hours, also by another call; a random one by default.
    /// - Returns: the accepted email.
    /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
    @discardableResult
    public func send(_ email: NewEmail, unsubscribe: String? = nil, idempotencyKey: String = UUID().uuidString) async throws
        -> AcceptedEmail
    {
        let answer = try await call(
            .POST, "/emails", query: [("unsubscribeMsg", unsubscribe)], sending: email, idempotencyKey: idempotencyKey,
            as: Envelope<AcceptedEmail>.self)
        return answer.data
    }

    /// Returns an email with its timeline.
    ///
    /// - Throws: ``ServerRefusal``, of the status 404 where there is none, or an error of the HTTP client.
    public func email(_ id: String) async throws -> EmailWithTimeline {
        let answer = try await call(.GET, "/emails/\(id)", as: Envelope<EmailWithTimeline>.self)
        return answer.data
    }

    /// Returns emails, newest first.
    ///
    /// - Parameters:
    ///   - filter: which ones.
    ///   - pageSize: how many are fetched at once, 1 to 1000.
    public func emails(_ filter: EmailFilter = EmailFilter(), pageSize: Int = 100) -> Pages<EmailSummary> {
        pages("/emails", query: filter.query + [("limit", String(pageSize))])
    }

    /// Cancels an email whose time has not come.
    ///
    /// - Throws: ``ServerRefusal`` where it is too late, or an error of the HTTP client.
    public func cancel(_ id: String) async throws {
        try await call(.DELETE, "/emails/\(id)")
    }
}
