/// What an account's callbacks are signed with (Standard Webhooks 1.0, "Signature scheme").
public struct CallbackSecret: Sendable, Equatable {
    /// How many random bytes a secret has: 24 to 64 are allowed.
    public static let length = 32

    /// The key's bytes; shown as `whsec_` and their Base64.
    public var value: [UInt8]
    public var createdAt: Timestamp
    /// The one before, which stays valid for a while.
    public var previous: [UInt8]?
    public var previousExpiresAt: Timestamp?

    public init(value: [UInt8], createdAt: Timestamp, previous: [UInt8]? = nil, previousExpiresAt: Timestamp? = nil) {
        self.value = value
        self.createdAt = createdAt
        self.previous = previous
        self.previousExpiresAt = previousExpiresAt
    }

    /// The keys that sign at this time, the newest first.
    public func keys(at now: Timestamp) -> [[UInt8]] {
        guard let previous, let previousExpiresAt, previousExpiresAt > now else { return [value] }
        return [value, previous]
    }

    /// Fresh random bytes for a key.
    public static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
