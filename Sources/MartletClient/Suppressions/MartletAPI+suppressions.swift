public import FoundationEssentials
import NIOHTTP1

/// An address that must not be mailed.
public struct Suppression: Decodable, Sendable, Identifiable {
    /// The id.
    public let id: Int64
    /// The address; `nil` once it was erased.
    public let address: String?
    /// Of what it holds: `account` or `global`.
    public let scope: String
    /// The sender for which it holds; `nil` for all.
    public let sender: String?
    /// Why, such as `bounce`.
    public let reason: String
    /// What was noted.
    public let note: String?
    /// Since when.
    public let createdAt: Date

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, address, scope, sender, reason, note, createdAt
    }
}

/// An address to be suppressed.
struct NewSuppression: Encodable {
    var address: String
    var note: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case address, note
    }
}

extension MartletAPI {
    /// Suppresses an address for the account.
    ///
    /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
    @discardableResult
    public func suppress(_ address: String, note: String? = nil) async throws -> Suppression {
        let answer = try await call(
            .POST, "/suppressions", sending: NewSuppression(address: address, note: note), as: Envelope<Suppression>.self)
        return answer.data
    }

    /// Returns the suppressions, newest first.
    ///
    /// - Parameters:
    ///   - address: of this address alone.
    ///   - pageSize: how many are fetched at once, 1 to 1000.
    public func suppressions(address: String? = nil, pageSize: Int = 100) -> Pages<Suppression> {
        pages("/suppressions", query: [("address", address), ("limit", String(pageSize))])
    }

    /// Lifts a suppression.
    ///
    /// - Throws: ``ServerRefusal``, or an error of the HTTP client.
    public func liftSuppression(_ id: Int64) async throws {
        try await call(.DELETE, "/suppressions/\(id)")
    }
}
