import JSON
import MailModel

/// An account as the API answers it (specification 2.4).
enum AccountResources {
    /// An account, and the names of its live domains.
    static let account = Resource<(account: Account, domains: [String])>("Account") {
        Field(reference) { $0.account.reference }
        Field("domains", .array(.string), "The names of the domains that it owns.", example: ["shop.example"]) { $0.domains }
        Field(status) { $0.account.status.rawValue }
        Field("created_at", .time, "When the account was created (UTC).", example: "2026-06-01T09:30:00.000Z") {
            $0.account.createdAt.description
        }
    }

    /// Also of the account's reputation.
    static let reference = Schema.Property(
        "partner_ref", .string, "The operator's name for the account; `userName` in emails, callbacks and reports.", example: "acme")
    static let status = Schema.Property(
        "status", .words(Account.Status.self),
        "What the reputation of the account allows: `warning` stops nothing, `blocked` refuses new emails until the master reviews it.",
        example: "ok")
}

/// The reputation of an account as the API answers it (specification 8.1).
enum ReputationResources {
    /// A report, the thresholds that it is judged by, and the reviews where the reader may see them.
    struct Judged {
        let report: ReputationReport
        let reputation: Reputation
        let reviews: [AccountReview]?

        /// - Parameter withReviews: whether the operator's reviews are written, which are for the operator only.
        init(_ report: ReputationReport, _ reputation: Reputation, withReviews: Bool) {
            self.report = report
            self.reputation = reputation
            reviews = withReviews ? report.reviews : nil
        }

        fileprivate var counts: ReputationCounts { report.window.counts }
    }

    static let report = Resource<Judged>("Reputation") {
        Field(AccountResources.reference) { $0.report.account.reference }
        Field(AccountResources.status) { $0.report.account.status.rawValue }
        Field(
            "reason", .nullable(.string), "Why the status is not `ok`, in a sentence; null where it is.",
            example: "bounce rate 2.75 % of 2000 emails, a warning begins at 2.5 %"
        ) { $0.report.reason }
        Field("sent", .count, "The emails of the window that were counted.", example: 2000) { $0.counts.sent }
        Field("bounces", .count, "The bounces of the window that count: permanent and undetermined ones.", example: 55) {
            $0.counts.bounces
        }
        Field("complaints", .count, "The recipients who reported mail of the window as spam.", example: 0) { $0.counts.complaints }
        Field("bounce_rate", .number, "Bounces in percent of the emails, with two decimals; 0 where nothing was sent.", example: 2.75) {
            $0.counts.bounceRate.percent
        }
        Field(
            "complaint_rate", .number, "Complaints in percent of the emails, with two decimals; 0 where nothing was sent.", example: 0.0
        ) { $0.counts.complaintRate.percent }
        Field.object("thresholds", thresholds, "The rates that an account is warned and blocked by.") { $0.reputation }
        Field(
            "since", .time, "When the window begins (UTC): 30 days back, or the last review that lifted a block.",
            example: "2026-05-17T00:00:00.000Z"
        ) { $0.report.window.since.description }
        Field.list(
            "tenants", of: tenant, "What Amazon SES says of the account's tenants; empty where it has none (`ses.tenants`)."
        ) { $0.report.tenants }
        Field.optionalList("reviews", of: review, "The latest reviews by the operator, newest first. Only for the master.") { $0.reviews }
    }

    private static let thresholds = Resource<Reputation>("ReputationThresholds") {
        Field("bounce_warning", .number, "The bounce rate, in percent, from which on an account is warned.", example: 2.5) {
            $0.bounces.warning.value
        }
        Field("bounce_block", .number, "The bounce rate, in percent, from which on an account is blocked.", example: 5.0) {
            $0.bounces.block.value
        }
        Field("complaint_warning", .number, "The complaint rate, in percent, from which on an account is warned.", example: 0.05) {
            $0.complaints.warning.value
        }
        Field("complaint_block", .number, "The complaint rate, in percent, from which on an account is blocked.", example: 0.1) {
            $0.complaints.block.value
        }
        Field("minimum_sent", .count, "The emails that a window needs before it is judged.", example: 100) { $0.minimumSent }
    }

    private static let tenant = Resource<NamedTenant>("Tenant") {
        Field("name", .string, "Its name at Amazon SES.", example: "acme-a1x") { $0.tenant.name }
        Field("domain", .nullable(.string), "The domain that it was made for; null for that of the account.", example: "shop.example") {
            $0.domain?.description
        }
        Field(
            "status", .nullable(.words(ProviderStatus.self)),
            "Whether SES sends its mail: `REINSTATED` is sent although there are findings, `DISABLED` is not sent; null before SES was asked.",
            example: "ENABLED"
        ) { $0.tenant.verdict?.status.rawValue }
        Field("cause", .nullable(.string), "Why, in SES's words; null where it gives no reason.", example: "Complaint rate is high") {
            $0.tenant.verdict.flatMap { $0.providerCause ?? $0.ownerCause }
        }
        Field("impact", .nullable(.string), "How grave SES's findings are, `LOW` or `HIGH`; null for none.", example: "LOW") {
            $0.tenant.verdict?.impact
        }
        Field("policy", .nullable(.string), "The policy by which SES pauses it, such as `standard`; null for none.", example: "standard") {
            $0.tenant.verdict?.policy
        }
        Field("checked_at", .nullable(.time), "When SES was asked last (UTC); null for never.", example: "2026-06-15T12:00:00.000Z") {
            $0.tenant.checkedAt?.description
        }
        Field(
            "changed_at", .nullable(.time), "When status or impact changed last (UTC); null for never.", example: "2026-06-15T12:00:00.000Z"
        ) { $0.tenant.changedAt?.description }
    }

    private static let review = Resource<AccountReview>("AccountReview") {
        Field("decision", .words(ReviewDecision.self), "What the operator decided.", example: "keep") { $0.decision.rawValue }
        Field("note", .nullable(.string), "The operator's reason; null for none.", example: "Bought lists") { $0.note }
        Field("status_before", .words(Account.Status.self), "The status of the account before.", example: "blocked") { $0.status.rawValue }
        Field("at", .time, "When it was decided (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.at.description }
    }
}
