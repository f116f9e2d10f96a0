package import Logging
package import MailModel
import Periodic
package import Storage

/// Applies the events that waited for their email without an effect that Storage can read, because another version of this program stored
/// them (``UnmatchedEvents``).
///
/// Storage applies all others in the transaction that records SES's id of the email.
package struct WaitingEventsJob: PeriodicService {
    private static let interval = Duration.seconds(60)
    /// How many emails a round looks at.
    private static let emailsPerRound = 50

    private let store: Store
    private let rules: FeedbackRules
    private let logger: Logger

    /// - Parameter rules: what suppresses.
    package init(store: Store, rules: FeedbackRules, logger: Logger) {
        self.store = store
        self.rules = rules
        self.logger = logger
    }

    /// Applies the unread events of some emails.
    ///
    /// An email for which that fails is left for the next round, and holds up no other.
    ///
    /// - Returns: how long to wait before the next round.
    @discardableResult
    package func round() async -> Duration {
        do {
            let messageIDs = try await store.read { try $0.unmatchedEvents.listUnread(limit: Self.emailsPerRound) }
            var applied = 0
            for messageID in messageIDs where await didApply(messageID) { applied += 1 }
            return applied < Self.emailsPerRound ? Self.interval : .zero
        } catch {
            report(error)
            return Self.interval
        }
    }

    private func didApply(_ messageID: String) async -> Bool {
        do {
            try await apply(messageID)
            return true
        } catch {
            report(error)
            return false
        }
    }

    private func report(_ error: any Error) {
        logger.error("Events that waited for their email could not be applied, trying again", metadata: ["error": "\(error)"])
    }

    private func apply(_ messageID: String) async throws {
        try await store.write(.event(EventIntent(messageID: messageID))) { [rules] tx in
            let payloads = try tx.unmatchedEvents.drainUnread(messageID: messageID).map(\.payload)
            guard let id = try tx.sesMessages.find(messageID) else { return }
            for payload in payloads {
                guard let event = try? SESEvent(parsing: Array(payload.utf8)) else { continue }
                try tx.emails.apply(event.effect(by: rules), to: id)
            }
        }
    }
}
