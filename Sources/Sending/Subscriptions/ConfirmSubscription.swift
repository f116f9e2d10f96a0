package import MailModel
import Storage

/// What a confirmation link leads to.
package enum SubscriptionLinkStatus: Sendable, Equatable {
    /// The owner has not confirmed yet.
    case question(Subscription)
    /// The owner has confirmed.
    case confirmed(Subscription)
    /// The link is too old.
    case expired
    /// The link was not made here, or its subscription does not exist any more.
    case unknown

    /// The status of a subscription's link.
    init(of id: SubscriptionID, in tx: some ReadableTransaction) throws {
        guard let subscription = try tx.subscriptions.find(id) else {
            self = .unknown
            return
        }
        self =
            switch subscription.status(at: tx.now) {
            case .pending: .question(subscription)
            case .confirmed: .confirmed(subscription)
            case .expired: .expired
            }
    }
}

/// Confirms a pending subscription in a transaction, with the proof of it (specification 9.4).
struct ConfirmSubscription: Sendable {
    var id: SubscriptionID
    var ipAddress: String
    /// As the browser sent it.
    var userAgent: String?

    /// - Returns: what the link leads to afterwards.
    func run(in tx: Transaction) throws -> SubscriptionLinkStatus {
        if case .question = try SubscriptionLinkStatus(of: id, in: tx) {
            let proof = Subscription.Proof(at: tx.now, ipAddress: ipAddress, userAgent: userAgent.map(Self.shortened))
            try tx.subscriptions.confirm(id, proof)
        }
        return try SubscriptionLinkStatus(of: id, in: tx)
    }

    /// At most 500 characters, without control characters.
    private static func shortened(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.prefix(500).filter { $0.properties.generalCategory != .control })
        return String(scalars)
    }
}
