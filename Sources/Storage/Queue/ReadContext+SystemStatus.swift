import Database
import MailModel

/// What an operator has to know at any time, and a machine looks up every few seconds: each question reads an index, and no more than
/// ``Backlog/mostCounted`` entries of it.
package struct SystemStatus: Sendable, Equatable {
    package var emails: Backlog
    /// Receivers of callbacks that are due.
    package var receivers: Backlog
    package var suspendedDomains: Int64
    package var warnedAccounts: Int64
    package var blockedAccounts: Int64
}

extension ReadContext {
    package func standing() throws -> SystemStatus {
        SystemStatus(
            emails: try backlog(of: nil), receivers: try receiverBacklog(),
            suspendedDomains: try count("domains WHERE status = 'suspended' AND deleted_at IS NULL"),
            // The second condition is that of the index.
            warnedAccounts: try count("accounts WHERE status = 'warning' AND status <> 'ok'"),
            blockedAccounts: try count("accounts WHERE status = 'blocked' AND status <> 'ok'"))
    }

    private func count(_ rows: String) throws -> Int64 {
        try transaction.first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM \(rows) LIMIT ?1) AS w", [.integer(Backlog.mostCounted)]
        ) { $0.integer(0) } ?? 0
    }
}
