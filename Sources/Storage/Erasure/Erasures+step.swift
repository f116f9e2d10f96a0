import Database
package import MailModel

extension Erasures where Tx == Transaction {
    /// Erases what was found, and records how far the job has come.
    ///
    /// To be called in the steps of a ``JobLease``.
    package func apply(_ batch: ErasureBatch) throws -> ErasureProgress {
        let stored = try tx.sql.first(
            "\(JobRow.select) WHERE id = ?1 AND state IN ('queued', 'running')\(tx.sql.dialect.forUpdate)", [.id(batch.job)], JobRow.decode)
        // Another node has gone on meanwhile.
        guard var job = stored?.job, stored?.phase == batch.phase else { return .worked }
        var waits = false
        switch batch.found {
        case .emails(let emails): waits = try erase(emails, of: batch, &job.counts)
        case .subscriptions(let ids):
            job.counts[.subscriptions] += try delete(ids.map { .id($0) }, by: "id", from: "subscriptions")
        case .suppressions(let ids): job.counts[.suppressions] += try tx.suppressions.erase(ids, of: batch.address)
        case .refusals(let ids): job.counts[.refusals] += try delete(ids.map { .blob($0) }, by: "id", from: "refusals")
        case .events(let ids): job.counts[.unmatchedEvents] += try delete(ids.map { .integer($0) }, by: "id", from: "unmatched_events")
        case .receipts(let names): job.counts[.receipts] += try delete(names.map { .text($0) }, by: "message_id", from: "sns_receipts")
        case .engine: break
        }
        if waits { job.state = .running }
        return try save(job, after: batch, waits: waits)
    }

    private func save(_ job: Job, after batch: ErasureBatch, waits: Bool) throws -> ErasureProgress {
        // A look through all emails that has met attempts under way is made again.
        let next = batch.isLast && !waits ? batch.phase.next : batch.phase
        let position = batch.isLast ? nil : batch.position
        try tx.sql.execute(
            """
            UPDATE jobs SET state = ?2, phase = ?3, position = ?4, counts = ?5, finished_at = ?6,
                subject = CASE WHEN ?7 = 1 THEN NULL ELSE subject END
            WHERE id = ?1
            """,
            [
                .id(job.id), .text((next == nil ? Job.State.done : .running).rawValue), .text((next ?? .log).rawValue), .text(position),
                .text(JobRow.text(of: job.counts)), next == nil ? .timestamp(tx.now) : .null,
                .bool(next == nil),
            ])
        if next == nil { return .done }
        return waits && batch.isLast ? .waits : .worked
    }

    private func delete(_ keys: [DatabaseValue], by column: String, from table: String) throws -> Int64 {
        Int64(try tx.sql.execute(overRows: keys.map { [$0] }) { "DELETE FROM \(table) WHERE \(column) IN (VALUES \($0))" })
    }
}

extension Erasures where Tx == Transaction {
    /// Erases emails; those of which an attempt is under way stay.
    ///
    /// - Returns: whether one stays.
    private func erase(_ emails: [Email], of batch: ErasureBatch, _ counts: inout ErasureCounts) throws -> Bool {
        guard !emails.isEmpty else { return false }
        // In the order of all nodes: domains before emails.
        try tx.prepare(for: emails.map { .email($0.id, domain: $0.sender.domain) })
        let states = try tx.emails.listForUpdate(emails.map(\.id).sorted())
        let byID = Dictionary(emails.map { ($0.id, $0) }) { first, _ in first }
        var waits = false
        for state in states where state.recipient.suppressionKey == batch.address.suppressionKey {
            guard let email = byID[state.id] else { continue }
            if try isUnderWay(state) || hasCopyUnderWay(email) {
                waits = true
            } else {
                try erase(email, &counts)
            }
        }
        return waits
    }

    /// Whether a node is handing the email to the provider at this moment.
    private func isUnderWay(_ state: EmailState) -> Bool {
        state.work == .attempt && (state.dueAt.map { $0 > tx.now } ?? false)
    }

    private func hasCopyUnderWay(_ email: Email) throws -> Bool {
        try tx.emails.listForUpdate(email.ownCopies.map(\.id).sorted()).contains(where: isUnderWay)
    }

    private func erase(_ email: Email, _ counts: inout ErasureCounts) throws {
        // The copies of a message to an erased recipient name it in their header, and have its content.
        for id in [email.id] + email.ownCopies.map(\.id) where try tx.queue.cancelUnsent(id, explanation: "The recipient was erased.") {
            counts[.cancelled] += 1
        }
        let id = DatabaseValue.id(email.id)
        try removeFromSegments(email)
        try tx.sql.execute("UPDATE emails SET recipient = '', client_id = NULL, callbacks = NULL WHERE id = ?1", [id])
        tx.emailCache.states[email.id]?.recipient = .erased
        tx.emailCache.states[email.id]?.callbacks = []
        try tx.sql.execute(
            """
            UPDATE email_contents SET subject = '', body = '', html = NULL, alias = NULL, unsubscribe_text = NULL, extras = ?2
            WHERE id = ?1
            """, [id, .text(email.erased.extras)])
        try tx.sql.execute("DELETE FROM email_templates WHERE email_id = ?1", [id])
        counts[.emails] += 1
        counts[.attachments] += try count("DELETE FROM email_attachments WHERE email_id = ?1", [id])
        counts[.callbacks] += try count("DELETE FROM callback_deliveries WHERE email_id = ?1", [id])
        tx.callbackCache.queued[email.id] = nil
        try eraseTimeline(of: email.id, &counts)
        counts[.idempotencyAnswers] += try tx.idempotencyKeys.eraseAnswers(of: email)
        try eraseFromOriginal(of: email)
    }

    private func count(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int64 {
        Int64(try tx.sql.execute(sql, arguments))
    }

    /// Deletes the entries but for when the email was sent, which says to which period late bounces belong.
    private func eraseTimeline(of id: EmailID, _ counts: inout ErasureCounts) throws {
        let sent = DatabaseValue.text(EmailStatus.sent.rawValue)
        counts[.timelineEntries] += try count("DELETE FROM timeline WHERE email_id = ?1 AND status <> ?2", [.id(id), sent])
        try tx.sql.execute("UPDATE timeline SET explanation = NULL, details = NULL WHERE email_id = ?1", [.id(id)])
        try tx.timeline.insert(TimelineEntry(status: TimelineEntry.erased, at: tx.now), of: id)
    }

    /// Takes the address of a copy out of the message that it is a copy of.
    private func eraseFromOriginal(of copy: Email) throws {
        guard let origin = copy.copyOf, var original = try tx.emails.list([origin.id], EmailRow.selectSummary).first else { return }
        guard let index = original.content.recipients?.copies.firstIndex(where: { $0.id == copy.id }) else { return }
        original.content.recipients?.copies[index].address = .erased
        original.content.recipients?.copies[index].name = nil
        try tx.sql.execute("UPDATE email_contents SET extras = ?2 WHERE id = ?1", [.id(origin.id), .text(original.extras)])
    }

    /// Deletes the rows by which the email is searched for its recipient.
    ///
    /// Segments are built and merged by one step at a time, which has locked the row of its lease.
    private func removeFromSegments(_ email: Email) throws {
        try tx.sql.execute("UPDATE job_leases SET job = job WHERE job = ?1", [.text(HousekeepingJob.searchSegments.rawValue)])
        var keys = SearchKey.all(ofRecipient: email.recipient)
        if let clientID = email.clientID { keys.append(SearchKey(.client, clientID, of: email.accountID)) }
        for segment in try tx.segments.list() where segment.first <= email.id && email.id <= segment.last {
            for key in keys {
                try tx.sql.execute(
                    "DELETE FROM email_search WHERE segment = ?1 AND kind = ?2 AND key = ?3 AND email_id = ?4",
                    [.integer(segment.number), .integer(key.kind.rawValue), .integer(key.numbers.lowerBound), .id(email.id)])
            }
        }
    }
}

extension Email {
    /// The email without its recipient and content, as its extras are stored.
    fileprivate var erased: Email {
        var email = self
        let (tags, category) = (content.tags, content.category)
        var recipients = content.recipients
        recipients?.to = .erased
        email.recipient = .erased
        email.content = EmailContent(subject: "", text: "", tags: tags, recipients: recipients)
        email.content.category = category
        email.content.isDropped = true
        return email
    }
}

extension TimelineEntry {
    /// The entry of an email whose recipient was erased.
    package static let erased = "ERASED"
}
