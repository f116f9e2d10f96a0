import Hummingbird
import MailModel
import Outbound
import Web

extension OutboundController {
    static let findDocumentation = Documentation(
        "Outbound configuration and metrics of a domain", .json(.ok, "The configuration.", .reference("Outbound")))

    static let updateDocumentation = Documentation(
        "Change the outbound configuration; only what is given changes. A client may change the two limits.",
        body: .json(.reference("OutboundChanges"), example: #"{"outbound_daily_limit": 1000, "outbound_monthly_limit": 20000}"#),
        .json(.ok, "The configuration.", .reference("Outbound")))

    static let incrementDocumentation = Documentation(
        "Check the quotas and count one message, or as many recipients as given",
        body: .json(
            .fields([.optional("count", .integer(1...DomainService.largestIncrement))]), isRequired: false, example: #"{"count": 1}"#),
        .json(.ok, "Whether it may be sent; also when it may not.", .reference("Increment")))

    private static let settings: [Schema.Property] = [
        .init("outbound_tier", .words(OutboundConfiguration.Tier.self)),
        .init("outbound_status", .words(OutboundConfiguration.Status.self)),
        .init("outbound_daily_limit", .count), .init("outbound_monthly_limit", .count),
        .init("outbound_enforcement", .words(OutboundConfiguration.Enforcement.self)),
        .init("warmup_profile", .words(WarmupProfile.all.map(\.name))), .init("spike_max_multiplier", .number),
    ]

    private static let metrics: [Schema.Property] = [
        .init("bounce_count", .count), .init("complaint_count", .count), .init("bounce_rate", .number), .init("complaint_rate", .number),
    ]

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "Outbound",
            .object(
                [.init("name", .string), .init("outbound_sent_today", .count), .init("outbound_sent_month", .count)] + settings + metrics
                    + [
                        .init("ses_verified", .boolean), .init("suspended_reason", .nullable(.string)),
                        .init("suspended_at", .nullable(.time)),
                    ])
        ),
        ("OutboundChanges", .fields(settings.map { .optional($0.name, $0.schema) })),
        (
            "Increment",
            .object([
                .init("name", .string), .init("outbound_sent_today", .count), .init("outbound_sent_month", .count),
                .init("allowed", .boolean), .optional("reason", .words(Gate.Reason.self)),
            ])
        ),
        (
            "FrozenEntry",
            .object(
                [
                    .init("name", .string), .init("partner_ref", .string), .init("outbound_sent_month", .count),
                    .init("outbound_monthly_limit", .count),
                ] + metrics)
        ),
        ("MonthlyReset", .object([.init("frozen", .array(.reference("FrozenEntry"))), .init("reset_count", .count)])),
        (
            "Billing",
            .object([
                .init("period", .string), .init("freezes", .array(.time)), .init("domains", .array(.reference("FrozenEntry"))),
            ])
        ),
    ]
}

extension ResetController {
    static let dailyDocumentation = Documentation(
        "Begin the day's count anew for all domains", .json(.ok, "How many domains there are.", .object([.init("reset_count", .count)])))

    static let monthlyDocumentation = Documentation(
        "Freeze the month's counters for billing, and begin them anew", .json(.ok, "What was frozen.", .reference("MonthlyReset")))

    static let billingDocumentation = Documentation(
        "What was frozen of a month, summed per domain",
        query: [
            .init(name: "period", schema: .string, description: "The month, YYYY-MM.", isRequired: true, example: "2026-01"),
            .init(name: "format", schema: .words(["json", "csv"]), description: "Instead of the Accept header."),
        ],
        .init(
            status: .ok, description: "The bill.",
            content: [("application/json", .reference("Billing")), ("text/csv", .string)]))
}
