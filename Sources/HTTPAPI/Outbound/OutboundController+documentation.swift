import Hummingbird
import MailModel
import Outbound
import Web

extension OutboundController {
    static let findDocumentation = Documentation(
        "Outbound configuration and metrics of a domain", query: [.partnerReference],
        .json(.ok, "The configuration.", OutboundResources.outbound.reference))

    static let updateDocumentation = Documentation(
        "Change the outbound configuration; only what is given changes. A client may change the two limits",
        query: [.partnerReference],
        body: .json(OutboundResources.changes.reference, example: #"{"outbound_daily_limit": 1000, "outbound_monthly_limit": 20000}"#),
        .json(.ok, "The configuration.", OutboundResources.outbound.reference))

    static let incrementDocumentation = Documentation(
        "Check the quotas and count one message, or as many recipients as given",
        query: [.partnerReference], body: .json(increment.reference, isRequired: false, example: #"{"count": 1}"#),
        .json(.ok, "Whether it may be sent; also when it may not.", OutboundResources.increment.reference))

    private static let increment = Component(
        "NewIncrement",
        .fields([
            .optional(
                "count", .integer(1...DomainService.largestIncrement),
                "The recipients to check and count, together or not at all; 1 when not given.", example: 1)
        ]))
}

extension ResetController {
    static let dailyDocumentation = Documentation(
        "Reset the day's count of all domains", .json(.ok, "The number of domains.", BillingResources.dailyReset.reference))

    static let monthlyDocumentation = Documentation(
        "Freeze the month's counters for billing, and reset them",
        .json(.ok, "What was frozen.", BillingResources.monthlyReset.reference))

    static let billingDocumentation = Documentation(
        "What was frozen of a month, summed per domain",
        query: [
            .init(name: "period", schema: .string, description: "The month, YYYY-MM.", isRequired: true, example: "2026-01"),
            .init(name: "format", schema: .words(["json", "csv"]), description: "Instead of the Accept header."),
        ],
        .init(
            status: .ok, description: "The bill.",
            content: [("application/json", BillingResources.billing.reference), ("text/csv", .string)]))
}
