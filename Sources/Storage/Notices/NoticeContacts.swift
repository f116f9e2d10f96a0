import Database
package import MailModel

extension ReadableTransaction {
    /// The people who are mailed the notices of their accounts.
    package var noticeContacts: NoticeContacts<Self> { NoticeContacts(tx: self) }
}

/// The contacts of all accounts: who is mailed which notices (specification 7.3).
package struct NoticeContacts<Tx: ReadableTransaction> {
    let tx: Tx
}

extension NoticeContacts {
    /// Returns an account's contacts, in the order in which they were given.
    package func list(of accountID: Int64) throws -> [NoticeContact] {
        try tx.sql.query(
            "SELECT address, events, language FROM account_contacts WHERE account_id = ?1 ORDER BY number", [.integer(accountID)]
        ) { row in
            // A kind that a later version knows is none of this version's notices.
            NoticeContact(
                EmailAddress(validated: row.text(0)),
                events: row.text(1).split(separator: ",").compactMap { AccountNotice.Event(rawValue: String($0)) },
                language: NoticeLanguage(rawValue: row.text(2)) ?? .english)
        }
    }
}

extension NoticeContacts where Tx == Transaction {
    /// Replaces an account's contacts; its row has to be locked.
    package func replace(_ contacts: [NoticeContact], of accountID: Int64) throws {
        try tx.sql.execute("DELETE FROM account_contacts WHERE account_id = ?1", [.integer(accountID)])
        for (number, contact) in contacts.enumerated() {
            try tx.sql.execute(
                "INSERT INTO account_contacts (account_id, number, address, events, language) VALUES (?1, ?2, ?3, ?4, ?5)",
                [
                    .integer(accountID), .integer(number), .text(contact.address.description),
                    .text(contact.events.map(\.rawValue).joined(separator: ",")), .text(contact.language.rawValue),
                ])
        }
    }
}
