import JSON
import MailModel
import Outbound
import Web

/// The outbound control of a domain as the API answers it (specification 3.2 to 3.4).
enum OutboundResources {
    /// The answer of `GET /domains/{name}/outbound`: the thirteen fields of the specification in their order, followed by further ones.
    static let outbound = Resource<SendingDomain>("Outbound") {
        Field(DomainResources.name) { $0.name.description }
        Field(tier) { $0.outbound.tier.rawValue }
        Field(status) { $0.outbound.status.rawValue }
        Field(dailyLimit) { $0.outbound.dailyLimit }
        Field(monthlyLimit) { $0.outbound.monthlyLimit }
        Field(sentToday) { $0.counters.sentToday }
        Field(sentThisMonth) { $0.counters.sentThisMonth }
        Field(enforcement) { $0.outbound.enforcement.rawValue }
        Field(bounceCount) { $0.counters.bounces }
        Field(complaintCount) { $0.counters.complaints }
        Field(bounceRate) { $0.counters.bounceRate.percent }
        Field(complaintRate) { $0.counters.complaintRate.percent }
        Field("ses_verified", .boolean, "Whether SES has verified the domain, as of the last time it was asked.", example: true) {
            $0.verification.isVerified
        }
        Field(warmupProfile) { $0.outbound.warmupProfile.name }
        Field(spikeMultiplier) { $0.outbound.spikeMaxMultiplier }
        Field(dailyCeiling) { $0.outbound.dailyCeiling }
        Field(monthlyCeiling) { $0.outbound.monthlyCeiling }
        Field(
            "suspended_reason", .nullable(.string), "Why the domain is suspended, in a sentence; null while it is active.",
            example: "guillotine: bounce rate 3.25 % is over 3 % (13 of 400)"
        ) { $0.outbound.suspendedReason }
        Field(
            "suspended_at", .nullable(.time), "When it was suspended (UTC); null while it is active.", example: "2026-06-14T17:20:00.000Z"
        ) { $0.outbound.suspendedAt?.description }
    }

    /// The settings in the body of `PUT /domains/{name}/outbound`.
    static let changes = Component(
        "OutboundChanges",
        .fields(
            [tier, status, dailyLimit, monthlyLimit, dailyCeiling, monthlyCeiling, enforcement, warmupProfile, spikeMultiplier].map {
                .optional($0.name, $0.schema, $0.description, example: $0.example)
            }))

    static let increment = Resource<(domain: SendingDomain, decision: Gate.Decision)>("Increment") {
        Field(DomainResources.name) { $0.domain.name.description }
        Field(sentToday) { $0.domain.counters.sentToday }
        Field(sentThisMonth) { $0.domain.counters.sentThisMonth }
        Field(
            "allowed", .boolean, "Whether the messages may be sent. Only then they are counted; false leaves the counters as they are.",
            example: true
        ) { $0.decision.allowed }
        Field.optional(
            "reason", .words(Gate.Reason.self),
            """
            The first check that refused, those of the account last; absent where all passed. With the suffix `_soft` the messages may be sent \
            and are counted, although a limit is exceeded.
            """, example: "daily_limit_exceeded_soft"
        ) { $0.decision.reason?.rawValue }
    }
}

/// What resets and bills answer (specification 3.6).
enum BillingResources {
    static let frozenEntry = Resource<FrozenEntry>("FrozenEntry") {
        Field(DomainResources.name) { $0.name.description }
        Field("partner_ref", .string, "The account that owned the domain when the month was frozen.", example: "acme") {
            $0.accountReference
        }
        Field("outbound_sent_month", .count, "The messages that were counted in the period, which are billed.", example: 18_250) {
            $0.counters.sent
        }
        Field(
            "outbound_monthly_limit", .count, "The monthly limit when the period was frozen; 0 is unlimited.", example: 20_000
        ) { $0.monthlyLimit }
        Field(OutboundResources.bounceCount) { $0.counters.bounces }
        Field(OutboundResources.complaintCount) { $0.counters.complaints }
        Field(OutboundResources.bounceRate) { $0.counters.bounceRate.percent }
        Field(OutboundResources.complaintRate) { $0.counters.complaintRate.percent }
    }

    static let billing = Resource<Billing>("Billing") {
        Field("period", .string, "The month of the bill, YYYY-MM (UTC).", example: "2026-05") { $0.month.description }
        Field(
            "freezes", .array(.time), "When counters were frozen for this month (UTC), oldest first.", example: ["2026-06-01T00:00:02.114Z"]
        ) { $0.freezes.map(\.description) }
        Field.list("domains", of: frozenEntry, "One entry for each domain and owner, by name, with the sums of all freezes.") { $0.domains }
    }

    static let dailyReset = Resource<Int64>("DailyReset") { Field(resetCount) { $0 } }

    /// The answer of `reset-monthly`, which is written page by page.
    static let monthlyReset = Component(
        "MonthlyReset",
        .object([
            .init(
                "frozen", .array(frozenEntry.reference),
                "What was frozen and not answered by an earlier call, one entry for each domain and owner."), resetCount,
        ]))

    private static let resetCount = Schema.Property(
        "reset_count", .count, "The number of domains whose count began anew.", example: 240)
}

// MARK: Members of several resources

extension OutboundResources {
    private static let tier = Schema.Property(
        "outbound_tier", .words(OutboundConfiguration.Tier.self),
        "Which SES configuration set and IP pool carry the mail: those that all share, or dedicated ones. Set by the master.",
        example: "shared")
    private static let status = Schema.Property(
        "outbound_status", .words(OutboundConfiguration.Status.self),
        "Whether the domain may send. Set by the master, and to `suspended` by a bounce rate over the limit.", example: "active")
    private static let dailyLimit = Schema.Property(
        "outbound_daily_limit", .count, "The most messages in a day (UTC); 0 is unlimited.", example: 1000)
    private static let monthlyLimit = Schema.Property(
        "outbound_monthly_limit", .count, "The most messages in a month (UTC); 0 is unlimited.", example: 20_000)
    private static let dailyCeiling = Schema.Property(
        "outbound_daily_ceiling", .count,
        """
        The highest daily limit that the customer may set; 0 is none. What the master last set as the limit or as the ceiling; a limit above a \
        new ceiling is lowered to it. Set by the master.
        """, example: 5000)
    private static let monthlyCeiling = Schema.Property(
        "outbound_monthly_ceiling", .count, "The highest monthly limit that the customer may set; 0 is none. Set by the master.",
        example: 100_000)
    private static let enforcement = Schema.Property(
        "outbound_enforcement", .words(OutboundConfiguration.Enforcement.self),
        "What happens at a limit: `hard` refuses the message, `soft` lets it pass, counts it, and says so. Set by the master.",
        example: "hard")
    private static let warmupProfile = Schema.Property(
        "warmup_profile", .words(WarmupProfile.all.map(\.name)),
        """
        How fast the daily volume of a new domain may grow: `fast` from 500 messages for 10 days, `standard` from 200 for 20 days, \
        `conservative` from 50 for 30 days; `none` does not limit. Set by the master.
        """, example: "none")
    private static let spikeMultiplier = Schema.Property(
        "spike_max_multiplier", .number,
        """
        How many times its recent daily average the domain may send in a day, from 0 to 1000; 0 switches this off. Up to 100 messages a \
        day are never a spike. Set by the master.
        """, example: 2.5)
    private static let sentToday = Schema.Property(
        "outbound_sent_today", .count, "The messages that were counted today (UTC).", example: 412)
    private static let sentThisMonth = Schema.Property(
        "outbound_sent_month", .count, "The messages that were counted in this month (UTC), which the bill goes by.", example: 8250)
    fileprivate static let bounceCount = Schema.Property(
        "bounce_count", .count, "The bounces of the period that count: permanent and undetermined ones, one for each recipient.",
        example: 12)
    fileprivate static let complaintCount = Schema.Property(
        "complaint_count", .count, "The recipients who reported mail of the period as spam.", example: 1)
    fileprivate static let bounceRate = Schema.Property(
        "bounce_rate", .number, "Bounces in percent of the messages of the month, with two decimals; 0 where nothing was sent.",
        example: 0.15)
    fileprivate static let complaintRate = Schema.Property(
        "complaint_rate", .number, "Complaints in percent of the messages of the month, with two decimals; 0 where nothing was sent.",
        example: 0.01)
}
