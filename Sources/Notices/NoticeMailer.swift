package import Logging
package import MailModel
import Periodic
package import Storage

/// Mails the notices of the outbox (specification 7.3).
///
/// Any number of nodes may run it: each notice is taken by one of them.
package struct NoticeMailer: PeriodicService {
    /// The longest wait for a wake-up: the notification of another node's commit may be lost.
    private static let longestSleep: Duration = .seconds(5)
    private static let noticesPerRound = 100

    private let store: Store
    private let settings: NoticeSettings
    private let logger: Logger

    /// - Parameter settings: without a sender, notices are taken out of the outbox and not mailed.
    package init(store: Store, settings: NoticeSettings, logger: Logger) {
        self.store = store
        self.settings = settings
        self.logger = logger
    }

    /// Mails what is due, and waits until there is more.
    ///
    /// - Returns: the pause before the next round.
    @discardableResult
    package func round() async -> Duration {
        guard await mailDue() else { return Self.longestSleep }
        await store.noticesQueued.wait(atMost: Self.longestSleep)
        return .zero
    }

    /// Mails what is due; a notice for which that fails is left for the next time, and holds up no other.
    ///
    /// - Returns: whether all went well.
    @discardableResult
    package func mailDue() async -> Bool {
        var isWell = true
        var due: [StoredNotice] = []
        repeat {
            do {
                due = try await store.read { try $0.notices.listDue(limit: Self.noticesPerRound) }
            } catch {
                logger.error("The notices could not be read, trying again", metadata: ["error": "\(error)"])
                return false
            }
            for stored in due where await !mail(stored) { isWell = false }
        } while due.count == Self.noticesPerRound && isWell
        return isWell
    }

    private func mail(_ stored: StoredNotice) async -> Bool {
        do {
            let command = MailNotice(stored: stored, settings: settings)
            let count = try await store.write(.accounts([stored.accountID])) { try command.run(in: $0) }
            logger.info(
                "An account is told",
                metadata: [
                    "notice.event": "\(stored.notice.event.rawValue)", "notice.level": "\(stored.notice.level)",
                    "account.reference": "\(stored.accountReference)", "notice.emails": "\(count)",
                ])
            return true
        } catch {
            logger.error("A notice could not be mailed, trying again", metadata: ["notice.id": "\(stored.id)", "error": "\(error)"])
            return false
        }
    }
}
