import Hummingbird
import JSON
import MailModel
import Outbound
import Web

/// `/accounts/{ref}/limits` and `/outbound`: what an account may send over all its domains and single senders (specification 3.14).
struct AccountLimitsController: Sendable {
    let accounts: AccountService

    var operations: [Operation] {
        [
            Operation(.get, "/accounts/{ref}/outbound", .accountsOutbound, Self.findDocumentation, find),
            Operation(.put, "/accounts/{ref}/limits", .accountsLimits, Self.updateDocumentation, update),
        ]
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let outbound = try await accounts.outbound(of: try request.parameter("ref"), by: principal)
        return .json { AccountOutboundResources.outbound.write(outbound, to: &$0) }
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        var changes = AccountLimitsChanges()
        changes.dailyLimit = fields.integer("daily_limit")
        changes.monthlyLimit = fields.integer("monthly_limit")
        changes.enforcement = fields.choice("enforcement")
        changes.domainsLimit = fields.integer("domains_limit")
        for name in Self.readOnlyFields where fields.contains(name) { fields.refuse(name, "the field is read-only") }
        try fields.check()
        let outbound = try await accounts.updateLimits(of: try request.parameter("ref"), changes, by: principal)
        return .json { AccountOutboundResources.outbound.write(outbound, to: &$0) }
    }

    private static let readOnlyFields = ["partner_ref", "domains", "sent_today", "sent_month"]
}

extension AccountLimitsController {
    private static let findDocumentation = Documentation(
        "The limits of an account over all its domains and single senders, and what counts against them",
        .json(.ok, "The limits and their use.", AccountOutboundResources.outbound.reference))

    private static let updateDocumentation = Documentation(
        "Change the limits of an account; fields that are not given stay as they are",
        body: .json(
            AccountOutboundResources.changes.reference,
            example: #"{"daily_limit": 50000, "monthly_limit": 1000000, "enforcement": "hard", "domains_limit": 20}"#),
        .json(.ok, "The limits after it, and their use.", AccountOutboundResources.outbound.reference))
}

/// The outbound control of an account as the API answers it (specification 3.14).
enum AccountOutboundResources {
    static let outbound = Resource<AccountOutbound>("AccountOutbound") {
        Field(AccountResources.reference) { $0.account.reference }
        Field(dailyLimit) { $0.quota.limits.dailyLimit }
        Field(monthlyLimit) { $0.quota.limits.monthlyLimit }
        Field(enforcement) { $0.quota.limits.enforcement.rawValue }
        Field(domainsLimit) { $0.quota.limits.domainsLimit }
        Field("domains", .count, "How many domains the account has; deleted ones do not count.", example: 7) { $0.domains }
        Field(
            "sent_today", .count, "The messages of all its domains and single senders that were counted today (UTC).", example: 31_420
        ) { $0.quota.sentToday }
        Field("sent_month", .count, "The messages that were counted in this month (UTC).", example: 412_806) { $0.quota.sentThisMonth }
    }

    /// The settings in the body of `PUT /accounts/{ref}/limits`.
    static let changes = Component(
        "AccountLimits",
        .fields(
            [dailyLimit, monthlyLimit, enforcement, domainsLimit].map {
                .optional($0.name, $0.schema, $0.description, example: $0.example)
            }))

    private static let dailyLimit = Schema.Property(
        "daily_limit", .count, "The most messages in a day (UTC), of all domains and single senders; 0 is unlimited.", example: 50_000)
    private static let monthlyLimit = Schema.Property(
        "monthly_limit", .count, "The most messages in a month (UTC), of all domains and single senders; 0 is unlimited.",
        example: 1_000_000)
    private static let enforcement = Schema.Property(
        "enforcement", .words(OutboundConfiguration.Enforcement.self),
        "What happens at these limits: `hard` refuses the message, `soft` lets it pass, counts it, and says so.", example: "hard")
    private static let domainsLimit = Schema.Property(
        "domains_limit", .count, "The most domains that the account may have; 0 is unlimited.", example: 20)
}
