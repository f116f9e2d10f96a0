import Encoding
public import FoundationEssentials
import NIOHTTP1

/// A domain to send from.
public struct Domain: Decodable, Sendable, Identifiable {
    /// The id.
    public let id: Int64
    /// The name.
    public let name: String
    /// When it was created.
    public let createdAt: Date

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name
        case createdAt = "created_at"
    }
}

/// What a domain may send, and what it has sent.
public struct Outbound: Decodable, Sendable {
    /// The name of the domain.
    public let name: String
    /// `active`, `suspended` or what else the server says.
    public let status: String
    /// The most emails of a day.
    public let dailyLimit: Int64
    /// The most emails of a month.
    public let monthlyLimit: Int64
    /// The emails of today (UTC).
    public let sentToday: Int64
    /// The emails of this month (UTC).
    public let sentThisMonth: Int64
    /// Bounces in percent.
    public let bounceRate: Double
    /// Complaints in percent.
    public let complaintRate: Double
    /// Whether Amazon SES has verified it.
    public let isVerified: Bool

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name
        case status = "outbound_status"
        case dailyLimit = "outbound_daily_limit"
        case monthlyLimit = "outbound_monthly_limit"
        case sentToday = "outbound_sent_today"
        case sentThisMonth = "outbound_sent_month"
        case bounceRate = "bounce_rate"
        case complaintRate = "complaint_rate"
        case isVerified = "ses_verified"
    }
}

/// A domain to be created.
struct NewDomain: Encodable {
    var name: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case name
    }
}

extension MartletAPI {
    /// Creates a domain of the account.
    ///
    /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
    @discardableResult
    public func createDomain(_ name: String) async throws -> Domain {
        try await call(.POST, "/domains", sending: NewDomain(name: name), as: Domain.self)
    }

    /// Returns the domains of the account, newest first.
    ///
    /// - Parameter pageSize: how many are fetched at once, 1 to 1000.
    public func domains(pageSize: Int = 100) -> Pages<Domain> {
        barePages("/domains", query: [("limit", String(pageSize))])
    }

    /// Returns the limits and counters of a domain.
    ///
    /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
    public func outbound(of domain: String) async throws -> Outbound {
        try await call(.GET, "/domains/\(PercentEncoding.encode(domain))/outbound", as: Outbound.self)
    }
}
