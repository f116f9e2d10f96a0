import Database
package import MailModel
import Synchronization

/// Why no node sends anything, and since when: a database that was restored is held until the operator has looked at it (specification 12.7).
package struct WorkHold: Sendable, Equatable {
    /// The reason, in a sentence for people.
    package var reason: String
    /// When it began.
    package var since: Timestamp
}

extension ReadableTransaction {
    /// The hold of the database.
    package var hold: Hold<Self> { Hold(tx: self) }
}

/// The hold of the database: one row while work is held, else none.
///
/// While it is there no node delivers emails, makes callbacks or runs scheduled jobs (``Store/isWorkPaused``); requests and SES's events are
/// accepted as always.
package struct Hold<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Hold {
    /// Returns the hold; `nil` where work is not held.
    package func find() throws -> WorkHold? {
        try tx.sql.first("SELECT reason, held_at FROM holds WHERE id = 1") {
            WorkHold(reason: $0.text(0), since: $0.requiredTimestamp(1))
        }
    }
}

extension Hold where Tx == Transaction {
    /// Holds work from now on; a hold that is there stays as it is.
    package func insert(reason: String) throws {
        try tx.sql.execute(
            "INSERT INTO holds (id, reason, held_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING", [.text(reason), .timestamp(tx.now)])
    }

    /// Ends the hold.
    ///
    /// - Returns: what it was; `nil` where work was not held.
    package func delete() throws -> WorkHold? {
        guard let hold = try find() else { return nil }
        return try tx.sql.execute("DELETE FROM holds WHERE id = 1", []) == 1 ? hold : nil
    }
}

extension Store {
    /// Whether work is held, as of the last ``refreshHold()``.
    package var isHeld: Bool { held.load(ordering: .relaxed) }

    /// Reads whether work is held.
    ///
    /// To be called before the first work begins, and every second then.
    ///
    /// - Returns: the hold; `nil` where work is not held.
    /// - Throws: ``StorageError``; ``isHeld`` stays as it was.
    @discardableResult
    package func refreshHold() async throws -> WorkHold? {
        let hold = try await read { try $0.hold.find() }
        if held.exchange(hold != nil, ordering: .relaxed), hold == nil {
            emailsQueued.set()
            callbacksQueued.set()
        }
        return hold
    }
}
