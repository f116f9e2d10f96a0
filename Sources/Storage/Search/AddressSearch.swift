import Database
package import MailModel

extension SearchSegments {
    /// The emails behind the watermark, and those that came late, that a search for addresses looks at.
    private static var mostOfTail: Int { 8192 }
    /// The beginnings of addresses that a search looks at in segments: what it costs is bounded, whatever was typed.
    private static var mostStarts: Int { 200 }
    /// The emails with one beginning that a search looks at, the newest ones of a segment.
    private static var mostPerStart: Int { 16 }

    /// Returns addresses of recipients that begin with a text, in the order in which they are found: those of the newest emails first.
    ///
    /// Addresses are found by their first bytes in the segments, and compared with the whole text. It is a help for who searches, not
    /// complete: what it looks at is bounded. Emails whose segment is from before the upgrade that brought it are not found.
    ///
    /// - Parameters:
    ///   - text: at least two characters, in any case.
    ///   - accountID: only recipients of this account; `nil` for all.
    package func recipients(beginningWith text: String, of accountID: Int64?, limit: Int) throws -> [EmailAddress] {
        var found = FoundAddresses(start: text.lowercased(), limit: limit)
        try addTail(to: &found, accountID)
        let key = SearchKey.start(text)
        var looks = Self.mostStarts
        for segment in try listLive().reversed() where !found.isFull && looks > 0 {
            var next = key.numbers.lowerBound
            while !found.isFull, looks > 0, let number = try firstNumber(from: next, of: key, in: segment) {
                looks -= 1
                try found.add(recipients(try ids(number, of: key, in: segment), accountID))
                guard number < key.numbers.upperBound else { break }
                next = number + 1
            }
        }
        return found.addresses
    }

    private func addTail(to found: inout FoundAddresses, _ accountID: Int64?) throws {
        let watermark = try watermark().built
        let owner = accountID == nil ? "" : "AND w.account_id = ?4"
        let rows = try tx.sql.query(
            """
            SELECT w.recipient FROM (SELECT id, recipient, account_id FROM emails WHERE id > ?1 ORDER BY id DESC LIMIT ?2) w
            WHERE LOWER(w.recipient) LIKE ?3 ESCAPE '!' \(owner) ORDER BY w.id DESC
            """,
            [.id(watermark), .integer(Self.mostOfTail), .text(LikePattern.escaped(found.start) + "%")]
                + (accountID.map { [.integer($0)] } ?? [])
        ) { $0.text(0) }
        found.add(rows)
        let late = try listLate(from: .zero, below: watermark.bytes + [0], limit: Self.mostPerStart * Self.mostPerStart)
        try found.add(recipients(late, accountID))
    }

    private func firstNumber(from next: Int64, of key: SearchKey, in segment: SearchSegment) throws -> Int64? {
        try tx.sql.first(
            """
            SELECT key FROM email_search
            WHERE segment = ?1 AND kind = ?2 AND key >= ?3 AND key <= ?4 AND email_id >= ?5 AND email_id <= ?6 ORDER BY key LIMIT 1
            """,
            [
                .integer(segment.number), .integer(key.kind.rawValue), .integer(next), .integer(key.numbers.upperBound), .id(segment.first),
                .id(segment.last),
            ]
        ) { $0.integer(0) }
    }

    private func ids(_ number: Int64, of key: SearchKey, in segment: SearchSegment) throws -> [EmailID] {
        try tx.sql.query(
            """
            SELECT email_id FROM email_search
            WHERE segment = ?1 AND kind = ?2 AND key = ?3 AND email_id >= ?4 AND email_id <= ?5 ORDER BY email_id DESC LIMIT ?6
            """,
            [
                .integer(segment.number), .integer(key.kind.rawValue), .integer(number), .id(segment.first), .id(segment.last),
                .integer(Self.mostPerStart),
            ]
        ) { try $0.emailID(0) }
    }

    /// The recipients of emails, as they are stored: an account's only, where one is given.
    private func recipients(_ ids: [EmailID], _ accountID: Int64?) throws -> [String] {
        try tx.sql.query(
            over: ids.map { .id($0) },
            { "SELECT recipient, account_id FROM emails WHERE id IN (\($0))" }, { ($0.text(0), $0.integer(1)) }
        ).filter { accountID == nil || $0.1 == accountID }.map(\.0)
    }
}

/// The addresses that a search has found so far.
private struct FoundAddresses {
    let start: String
    let limit: Int
    private(set) var addresses: [EmailAddress] = []
    private var keys: Set<String> = []

    init(start: String, limit: Int) {
        self.start = start
        self.limit = limit
    }

    var isFull: Bool { addresses.count >= limit }

    mutating func add(_ texts: [String]) {
        for text in texts where !isFull {
            let address = EmailAddress(validated: text)
            if address.suppressionKey.hasPrefix(start), keys.insert(address.suppressionKey).inserted { addresses.append(address) }
        }
    }
}

/// The patterns of `LIKE`, with `!` as their escape.
enum LikePattern {
    /// Returns a text of which a pattern matches each character as it is.
    static func escaped(_ text: String) -> String {
        String(text.flatMap { "!%_".contains($0) ? ["!", $0] : [$0] })
    }
}
