import Database
import MailModel

/// The row of a domain: its columns, decoding, encoding and statements.
enum DomainRow {
    static let columns = """
        id, account_id, name, created_at, deleted_at, tier, status, enforcement, daily_limit, monthly_limit, \
        warmup_profile, warmup_started_on, spike_max_multiplier, suspended_reason, suspended_at, \
        day, sent_today, history, month, sent_month, bounces, complaints, reactivated_sent, reactivated_bounces, \
        ses_verified, identity_status, dkim_status, verification_requested_at, verification_checked_at, \
        closed_periods, period_started_at, late_bounces, \
        ownership, ownership_token, needs_record, proven_at, claimed_at, ses_identity, daily_ceiling, monthly_ceiling, from_name, \
        mail_from
        """

    /// The number of the columns, behind which ``selected`` has those of the account.
    private static let columnCount = columns.split(separator: ", ").count

    /// The columns, followed by the status of the account, and by whether it has limits that messages count against.
    static let selected = """
        \(columns), (SELECT a.status FROM accounts a WHERE a.id = account_id), \
        (SELECT CASE WHEN a.daily_limit > 0 OR a.monthly_limit > 0 THEN 1 ELSE 0 END FROM accounts a WHERE a.id = account_id)
        """

    /// Takes the values of all columns, and returns the id; no row where the account has a live domain of the name, or the domain is
    /// proven and another account's is.
    static let insertStatement: String = {
        let names = columns.split(separator: ", ")
        let parameters = (1...names.count).map { "?\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO domains (\(names.joined(separator: ", "))) VALUES (\(parameters)) ON CONFLICT DO NOTHING RETURNING id
            """
    }()

    /// Takes the values of ``encode(_:)``.
    static let updateStatement: String = {
        let names = columns.split(separator: ", ").dropFirst()
        let assignments = names.enumerated().map { "\($0.element) = ?\($0.offset + 2)" }.joined(separator: ", ")
        return "UPDATE domains SET \(assignments) WHERE id = ?1"
    }()

    /// Takes the id, and what was sent in the row's day and month.
    static let countStatement = "UPDATE domains SET sent_today = ?2, sent_month = ?3 WHERE id = ?1"

    /// Decodes a row of ``selected``.
    static func decode(_ row: any DatabaseRow) throws -> SendingDomain {
        var domain = SendingDomain(
            id: row.integer(0), accountID: row.integer(1), name: DomainName(validated: row.text(2)),
            createdAt: Timestamp(milliseconds: row.integer(3)))
        domain.deletedAt = row.timestamp(4)
        domain.outbound = try outbound(row)
        domain.counters = try counters(row)
        domain.verification = try verification(row)
        domain.ownership = try ownership(row)
        domain.fromName = row.optionalText(40)
        // A node of an earlier version does not know of proofs.
        domain.verification.isVerified = domain.verification.isVerified && domain.ownership.isProven
        // Null where PostgreSQL waited for the row, and it was moved meanwhile to an account that is newer than the statement: a new one is in order.
        domain.accountStatus = row.optionalText(columnCount) == nil ? .ok : try row.choice(columnCount)
        domain.hasAccountQuota = row.bool(columnCount + 1)
        return domain
    }

    private static func outbound(_ row: any DatabaseRow) throws -> OutboundConfiguration {
        var outbound = OutboundConfiguration()
        outbound.tier = try row.choice(5)
        outbound.status = try row.choice(6)
        outbound.enforcement = try row.choice(7)
        outbound.dailyLimit = row.integer(8)
        outbound.monthlyLimit = row.integer(9)
        outbound.warmupProfile = WarmupProfile(name: row.text(10)) ?? .none
        outbound.warmupStartedOn = row.optionalInteger(11).map(CalendarDay.init(number:))
        outbound.spikeMaxMultiplier = row.real(12)
        outbound.suspendedReason = row.optionalText(13)
        outbound.suspendedAt = row.timestamp(14)
        // Null in rows of earlier versions: their limits are their ceilings.
        outbound.dailyCeiling = row.optionalInteger(38) ?? outbound.dailyLimit
        outbound.monthlyCeiling = row.optionalInteger(39) ?? outbound.monthlyLimit
        return outbound
    }

    private static func counters(_ row: any DatabaseRow) throws -> OutboundCounters {
        var counters = OutboundCounters(at: Timestamp(milliseconds: 0))
        counters.day = CalendarDay(number: row.integer(15))
        counters.sentToday = row.integer(16)
        counters.history = try DailyHistory(stored: row.text(17))
        counters.month = CalendarMonth(number: row.integer(18))
        counters.sentThisMonth = row.integer(19)
        counters.bounces = row.integer(20)
        counters.complaints = row.integer(21)
        if let sent = row.optionalInteger(22), let bounces = row.optionalInteger(23) {
            counters.reactivation = .init(sent: sent, bounces: bounces)
        }
        counters.closedPeriods = try ClosedPeriod.list(stored: row.text(29))
        counters.periodStartedAt = row.timestamp(30)
        counters.lateBounces = row.integer(31)
        return counters
    }

    private static func verification(_ row: any DatabaseRow) throws -> SESVerification {
        var verification = SESVerification()
        verification.isVerified = row.bool(24)
        verification.identity = try row.choice(25)
        verification.dkim = try row.choice(26)
        verification.requestedAt = row.timestamp(27)
        verification.checkedAt = row.timestamp(28)
        verification.mailFrom = row.optionalText(41).map(DomainName.init(validated:))
        return verification
    }

    private static func ownership(_ row: any DatabaseRow) throws -> DomainOwnership {
        var ownership = DomainOwnership(try row.choice(32))
        ownership.token = row.optionalText(33)
        ownership.needsRecord = row.bool(34)
        ownership.provenAt = row.timestamp(35)
        ownership.claimedAt = row.timestamp(36)
        if !row.isNull(37) { ownership.identity = try row.choice(37) as DomainOwnership.Identity }
        return ownership
    }

    /// The values of all columns in their order.
    static func encode(_ domain: SendingDomain) -> [DatabaseValue] {
        let (outbound, counters, verification) = (domain.outbound, domain.counters, domain.verification)
        return [
            .integer(domain.id), .integer(domain.accountID), .text(domain.name.description),
            .timestamp(domain.createdAt), .timestamp(domain.deletedAt),
            .text(outbound.tier.rawValue), .text(outbound.status.rawValue), .text(outbound.enforcement.rawValue),
            .integer(outbound.dailyLimit), .integer(outbound.monthlyLimit),
            .text(outbound.warmupProfile.name), .integer(outbound.warmupStartedOn?.number), .real(outbound.spikeMaxMultiplier),
            .text(outbound.suspendedReason), .timestamp(outbound.suspendedAt),
            .integer(counters.day.number), .integer(counters.sentToday), .text(counters.history.stored),
            .integer(counters.month.number), .integer(counters.sentThisMonth), .integer(counters.bounces), .integer(counters.complaints),
            .integer(counters.reactivation?.sent), .integer(counters.reactivation?.bounces),
            .bool(verification.isVerified), .text(verification.identity.rawValue), .text(verification.dkim.rawValue),
            .timestamp(verification.requestedAt), .timestamp(verification.checkedAt),
            .text(counters.storedClosedPeriods), .timestamp(counters.periodStartedAt),
            .integer(counters.lateBounces),
            .text(domain.ownership.state.rawValue), .text(domain.ownership.token), .bool(domain.ownership.needsRecord),
            .timestamp(domain.ownership.provenAt), .timestamp(domain.ownership.claimedAt), .text(domain.ownership.identity?.rawValue),
            .integer(outbound.dailyCeiling), .integer(outbound.monthlyCeiling), .text(domain.fromName),
            .text(verification.mailFrom?.description),
        ]
    }
}

extension DailyHistory {
    /// `day:sent` pairs with a comma between them.
    var stored: String {
        entries.map { "\($0.day.number):\($0.sent)" }.joined(separator: ",")
    }

    init(stored: String) throws {
        self.init(
            entries: try stored.split(separator: ",").map { pair in
                let parts = pair.split(separator: ":")
                guard parts.count == 2, let day = Int64(parts[0]), let sent = Int64(parts[1]) else {
                    throw StorageError.malformed("domains.history")
                }
                return Entry(day: CalendarDay(number: day), sent: sent)
            })
    }
}

extension OutboundCounters {
    /// The closed periods as one text, with a comma between them.
    var storedClosedPeriods: String { closedPeriods.map(\.stored).joined(separator: ",") }
}

extension ClosedPeriod {
    /// `start:end:sent:bounces:reactivatedSent:reactivatedBounces`, times in milliseconds, a part empty where there is none.
    var stored: String {
        let parts = [start?.milliseconds, end.milliseconds, sent, bounces, reactivation?.sent, reactivation?.bounces]
        return parts.map { $0.map { String($0) } ?? "" }.joined(separator: ":")
    }

    /// Reads periods with a comma between them.
    static func list(stored: String) throws -> [ClosedPeriod] {
        try stored.split(separator: ",").map { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
            guard parts.count == 6, let end = parts[1], let sent = parts[2], let bounces = parts[3] else {
                throw StorageError.malformed("domains.closed_periods")
            }
            var period = ClosedPeriod(
                start: parts[0].map(Timestamp.init(milliseconds:)), end: Timestamp(milliseconds: end), sent: sent, bounces: bounces)
            if let sent = parts[4], let bounces = parts[5] { period.reactivation = .init(sent: sent, bounces: bounces) }
            return period
        }
    }
}
