import MailModel
import Storage

/// The checks of what is stored: whether work stands, and how old the last backup is.
struct StoreChecks {
    /// From when on something that is due has waited for too long.
    private static let longestWait = Duration.seconds(600)
    /// A record of `martlet backup` that is older is a fault: somebody relied on it once.
    private static let oldestBackup = Duration.seconds(7 * 86_400)

    private let store: Store

    init(_ store: Store) {
        self.store = store
    }

    func examine() async throws -> [Finding] {
        let (status, parked, backup) = try await store.read { tx in
            (try tx.systemStatus.read(), try tx.callbacks.countParked(), try tx.backups.last())
        }
        return [
            Self.queue(status.emails), Self.callbacks(status.receivers, parked: parked), Self.backup(backup, now: store.now),
        ]
    }

    static func queue(_ emails: Backlog) -> Finding {
        guard emails.waiting > 0, let age = emails.age else { return Finding("queue", isWell: true, "no email is due") }
        return Finding(
            "queue", isWell: age < longestWait, "\(number(emails.waiting)) emails are due, the oldest for \(age.components.seconds) s")
    }

    /// Parked callbacks are the customers' to replay: they are shown, and no fault.
    static func callbacks(_ receivers: Backlog, parked: Int64) -> Finding {
        let given =
            parked == 0
            ? "none is parked" : "\(number(parked, upTo: ReceiverHealth.most)) are parked after their last attempt, and can be replayed"
        guard receivers.waiting > 0, let age = receivers.age else {
            return Finding("callbacks", isWell: true, "none is due, \(given)")
        }
        return Finding(
            "callbacks", isWell: age < longestWait,
            "\(number(receivers.waiting)) receivers are due, the oldest for \(age.components.seconds) s; \(given)")
    }

    static func backup(_ last: BackupRecord?, now: Timestamp) -> Finding {
        guard let last else {
            return Finding("backup", isWell: true, "`martlet backup` was never run here: docs/operations.md has this way and others")
        }
        let age = max(.zero, now - last.finishedAt)
        return Finding(
            "backup", isWell: age < oldestBackup,
            "the last one by `martlet backup` is \(age.components.seconds / 3600) h old, of \(last.finishedAt), \(last.bytes) bytes")
    }

    /// Counts stop at a bound.
    private static func number(_ count: Int64, upTo most: Int64 = Backlog.mostCounted) -> String {
        count >= most ? "\(most) or more" : "\(count)"
    }
}
