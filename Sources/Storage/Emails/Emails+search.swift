import Database
package import MailModel

/// A page of a list of emails.
package struct EmailPage: Sendable {
    /// The emails, newest first, without their texts.
    package var emails: [Email]
    /// The next page begins behind this id; `nil` where there is none.
    ///
    /// A page that is not full may have a next one: what a search looks at is bounded.
    package var next: EmailID?

    /// A page.
    package init(_ emails: [Email], next: EmailID?) {
        self.emails = emails
        self.next = next
    }
}

extension Emails {
    /// Returns a page of emails, newest first.
    ///
    /// It has every email that was committed before, whether or not that is in a segment already: see ``SearchSegments``.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this one.
    ///   - limit: at most this many, at least 1.
    package func page(matching filter: EmailFilter, of accountID: Int64?, after: EmailID?, limit: Int) throws -> EmailPage {
        var search = try EmailSearch(filter, of: accountID, after: after, in: tx)
        var found: [Email] = []
        while found.count <= limit, !search.isFinished {
            let emails = try list(search.next(limit + 1 - found.count), EmailRow.selectSummary)
            found += emails.filter { email in filter.tag.map(email.content.tags.contains) ?? true }
        }
        return EmailPage(Array(found.prefix(limit)), next: found.count > limit ? found[limit - 1].id : search.end)
    }

    /// Returns the latest emails of an account to a recipient that were delivered or bounced, newest first.
    ///
    /// - Parameters:
    ///   - since: only those accepted since.
    ///   - limit: at most this many.
    package func latestOutcomes(
        to recipient: EmailAddress, accountID: Int64, since: Timestamp, limit: Int
    ) throws -> [(id: EmailID, status: EmailStatus)] {
        var filter = EmailFilter()
        (filter.recipient, filter.since) = (recipient, since)
        while true {
            let segments = try tx.segments.listLive()
            var search = try EmailSearch(filter, of: accountID, statuses: Self.outcomes, skippingTail: true, in: tx)
            let lowest = EmailID.lowest(at: since)
            var found = try search.matching(tail(to: recipient).filter { $0 >= lowest })
            while found.count < limit, !search.isFinished { found += try search.next(limit - found.count) }
            // Where each statement sees what was committed before it, a merge may have ended meanwhile.
            guard try tx.writing == nil || tx.sql.dialect.hasOneWriter || tx.segments.listLive() == segments else { continue }
            let ids = Array(found.prefix(limit))
            let statuses = try statuses(of: ids)
            return ids.compactMap { id in statuses[id].map { (id, $0) } }
        }
    }

    private static var outcomes: [EmailStatus] { [.bounced, .delivered, .open, .click, .bouncedPermanent, .complained] }

    /// Returns the emails to a recipient behind the watermark, newest first.
    ///
    /// They are read once in a transaction that changes something, however many events it ingests.
    private func tail(to recipient: EmailAddress) throws -> [EmailID] {
        if let known = tx.writing?.emailCache.tail { return known[recipient.description] ?? [] }
        let rows = try tx.sql.query(
            "SELECT id, recipient FROM emails WHERE id > ?1 ORDER BY id DESC LIMIT ?2",
            [.id(tx.segments.watermark().built), .integer(EmailSearch<Tx>.mostSeen)]
        ) { (id: try $0.emailID(0), recipient: $0.text(1)) }
        let tail = Dictionary(grouping: rows, by: \.recipient).mapValues { $0.map(\.id) }
        tx.writing?.emailCache.tail = tail
        return tail[recipient.description] ?? []
    }
}
