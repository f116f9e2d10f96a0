import Database
import MailModel

extension ReadableTransaction {
    /// The figures that operators and the metrics watch.
    package var systemStatus: SystemStatusReader<Self> { SystemStatusReader(tx: self) }
}

/// The queries behind ``SystemStatus``.
///
/// Each reads an index, at most ``Backlog/mostCounted`` entries of it, so that they can be run every few seconds.
package struct SystemStatusReader<Tx: ReadableTransaction> {
    let tx: Tx

    /// Returns the present status of the system.
    package func read() throws -> SystemStatus {
        SystemStatus(
            emails: try tx.queue.backlog(of: nil), receivers: try tx.receiverQueues.backlog(),
            suspendedDomains: try count("domains WHERE status = 'suspended' AND deleted_at IS NULL"),
            // The second condition is that of the index.
            warnedAccounts: try count("accounts WHERE status = 'warning' AND status <> 'ok'"),
            blockedAccounts: try count("accounts WHERE status = 'blocked' AND status <> 'ok'"))
    }

    private func count(_ rows: String) throws -> Int64 {
        try tx.sql.first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM \(rows) LIMIT ?1) AS w", [.integer(Backlog.mostCounted)]
        ) { $0.integer(0) } ?? 0
    }
}

/// The status of the system for operators: what waits, and what is suspended, warned or blocked.
///
/// Counts stop at ``Backlog/mostCounted``.
package struct SystemStatus: Sendable, Equatable {
    /// Emails that are due.
    package var emails: Backlog
    /// Receivers with callbacks that are due.
    package var receivers: Backlog
    /// Live domains that are suspended.
    package var suspendedDomains: Int64
    /// Accounts with a warning for their bounce or complaint rate.
    package var warnedAccounts: Int64
    /// Accounts that are blocked for their bounce or complaint rate.
    package var blockedAccounts: Int64
}
