/// What an account's callbacks are signed with (Standard Webhooks 1.0, "Signature scheme").
package struct CallbackSecret: Sendable, Equatable {
    /// How many random bytes a secret has: 24 to 64 are allowed.
    package static let length = 32

    /// The key's bytes; shown as `whsec_` and their Base64.
    package var value: [UInt8]
    package var createdAt: Timestamp
    /// The one before, which stays valid for a while.
    package var previous: [UInt8]?
    package var previousExpiresAt: Timestamp?

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

    /// Fresh random bytes for a key.
    package static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
