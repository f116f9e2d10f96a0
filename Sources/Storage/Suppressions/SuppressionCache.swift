import Database
import MailModel

/// What a transaction knows of suppression lists: the entries of the recipients of its batch, read together before its first command, and
/// the entries that feedback has led to and that are still to be written.
struct SuppressionCache {
    /// The reasons for which an address is suppressed, by the sender they hold for; `""` is all senders of the account.
    private var known: [SuppressionPair: [String: SuppressionReason]] = [:]
    /// Whether an account has entries, where this was asked.
    private var hasEntries: [Int64: Bool] = [:]
    /// At most one entry for each address of an account.
    private var pending: [SuppressionPair: SuppressionEntry] = [:]

    /// Notes that all entries of an address are read: those that are not added afterwards do not exist.
    mutating func expect(_ pair: SuppressionPair) {
        known[pair] = [:]
    }

    /// Adds an entry that was read, of an address that was passed to ``expect(_:)``.
    mutating func add(_ reason: SuppressionReason, of pair: SuppressionPair, sender: String) {
        known[pair]?[sender] = reason
    }

    /// Returns whether an address is suppressed for a sender, or for all; `nil` when its entries were not read.
    ///
    /// - Parameter ignored: entries for this reason do not count.
    func isSuppressed(_ address: String, accountID: Int64, sender: String, ignoring ignored: SuppressionReason?) -> Bool? {
        known[SuppressionPair(accountID: accountID, address: address)].map { reasons in
            ["", sender].contains { reasons[$0].map { $0 != ignored } ?? false }
        }
    }

    /// Forgets the entries that were read, because entries were added or deleted: from now on the database is queried.
    mutating func invalidate() {
        known.removeAll()
        hasEntries.removeAll()
    }

    /// Returns whether an account has entries; `nil` when it was not asked yet.
    func hasEntries(ofAccount accountID: Int64) -> Bool? {
        hasEntries[accountID]
    }

    mutating func store(hasEntries: Bool, ofAccount accountID: Int64) {
        self.hasEntries[accountID] = hasEntries
    }

    func isPending(_ address: String, accountID: Int64) -> Bool {
        !pending.isEmpty && pending[SuppressionPair(accountID: accountID, address: address)] != nil
    }

    mutating func addPending(_ entry: SuppressionEntry, accountID: Int64) {
        pending[SuppressionPair(accountID: accountID, address: entry.address.suppressionKey)] = entry
    }

    /// Returns the entries to be written, which from then on count as written.
    ///
    /// In the order of their keys, so that two nodes never wait for each other crosswise.
    mutating func drainPending() -> [(accountID: Int64, entry: SuppressionEntry)] {
        defer { pending.removeAll(keepingCapacity: true) }
        return pending.sorted { ($0.key.accountID, $0.key.address) < ($1.key.accountID, $1.key.address) }
            .map { ($0.key.accountID, $0.value) }
    }
}

/// An address on an account's list.
struct SuppressionPair: Hashable {
    var accountID: Int64
    /// In lower case.
    var address: String
}

extension Suppressions where Tx == Transaction {
    /// Reads the entries of the recipients of a batch, and of the emails that its events are about.
    func prefetch(_ intents: [WriteIntent]) throws {
        try prefetch(Set(intents.flatMap(pairs(of:))))
    }

    /// Reads the entries of addresses.
    ///
    /// Pending entries are written before, so that they are found.
    func prefetch(_ wanted: Set<SuppressionPair>) throws {
        guard !wanted.isEmpty else { return }
        try flush()
        for pair in wanted { tx.suppressionCache.expect(pair) }
        let secret = tx.erasureKey.known
        var stored = Dictionary(uniqueKeysWithValues: wanted.map { ($0, $0) })
        for pair in wanted {
            guard let secret else { break }
            stored[SuppressionPair(accountID: pair.accountID, address: StoredAddress.hash(pair.address, by: secret))] = pair
        }
        let found = try entries(of: stored.keys, askingForSecret: secret == nil)
        for row in found {
            guard let pair = stored[row.pair] else {
                // The first erasure was made since: all is read again, once in the life of the process.
                return try erasureSecret() == nil ? () : prefetch(wanted)
            }
            tx.suppressionCache.add(row.reason, of: pair, sender: row.sender)
        }
    }

    private typealias Entry = (pair: SuppressionPair, sender: String, reason: SuppressionReason)

    /// Reads the entries of stored addresses.
    ///
    /// - Parameter askingForSecret: whether an entry of no account is returned where the secret of erased addresses exists.
    private func entries(of stored: some Collection<SuppressionPair>, askingForSecret: Bool) throws -> [Entry] {
        let secret = "UNION ALL SELECT 0, '', '', '\(SuppressionReason.manual.rawValue)' FROM secrets WHERE name = '\(ErasureKey.name)'"
        // The last pair may be repeated in the table of values: it finds the same entries again.
        return try tx.sql.query(
            overRows: stored.map { [.integer($0.accountID), .text($0.address)] },
            {
                """
                WITH wanted (account_id, address) AS (VALUES \($0))
                SELECT s.account_id, s.address, s.sender, s.reason FROM wanted w
                JOIN suppressions s ON s.account_id = w.account_id AND s.address = w.address
                \(askingForSecret ? secret : "")
                """
            }
        ) { row in (SuppressionPair(accountID: row.integer(0), address: row.text(1)), row.text(2), try row.choice(3)) }
    }

    /// The accounts of a domain or, where it is not known, of the nearest known one above it.
    private func accounts(of domain: DomainName, orAbove names: [DomainName]) -> [Int64] {
        let nearest = names.first { !tx.domainCache.domains(named: $0).isEmpty } ?? domain
        return tx.domainCache.domains(named: nearest).map(\.accountID)
    }

    private func pairs(of intent: WriteIntent) -> [SuppressionPair] {
        if let domain = intent.domain, !intent.recipients.isEmpty {
            let accounts = intent.sendingAccount.map { [$0] } ?? accounts(of: domain, orAbove: intent.domains)
            return accounts.flatMap { accountID in
                intent.recipients.map { SuppressionPair(accountID: accountID, address: $0.suppressionKey) }
            }
        }
        let id = intent.messageID.flatMap { tx.feedbackCache.emailIDs[$0] } ?? intent.email
        guard intent.event != nil, let email = id.flatMap({ tx.emailCache.states[$0] }) else { return [] }
        return [SuppressionPair(accountID: email.accountID, address: email.recipient.suppressionKey)]
    }

    /// Whether an account has entries at all; asked once in a transaction.
    ///
    /// Only where one transaction writes at a time is this so until its end.
    func hasEntries(ofAccount accountID: Int64) throws -> Bool {
        if let known = tx.suppressionCache.hasEntries(ofAccount: accountID) { return known }
        let entry = try tx.sql.first("SELECT 1 FROM suppressions WHERE account_id = ?1 LIMIT 1", [.integer(accountID)]) { $0.integer(0) }
        tx.suppressionCache.store(hasEntries: entry != nil, ofAccount: accountID)
        return entry != nil
    }

    /// Writes the pending entries.
    func flush() throws {
        let entries = tx.suppressionCache.drainPending()
        guard !entries.isEmpty else { return }
        tx.suppressionCache.invalidate()
        let erased = try erased(
            among: Set(entries.map { SuppressionPair(accountID: $0.accountID, address: $0.entry.address.suppressionKey) }))
        let size = SuppressionRow.largestInsertion
        for part in stride(from: 0, to: entries.count, by: size).map({ entries[$0...].prefix(size) }) {
            try tx.sql.execute(
                SuppressionRow.insertion(rows: part.count),
                part.flatMap {
                    let pair = SuppressionPair(accountID: $0.accountID, address: $0.entry.address.suppressionKey)
                    return SuppressionRow.values(
                        $0.entry, hash: erased[pair], accountID: $0.accountID, source: .feedback, createdAt: tx.now, id: tx.newID())
                })
        }
    }

    /// Writes the pending entries where one of them is of this address, before the address is looked up.
    func flush(_ address: EmailAddress, accountID: Int64) throws {
        if tx.suppressionCache.isPending(address.suppressionKey, accountID: accountID) { try flush() }
    }
}
