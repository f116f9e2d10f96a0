import Hummingbird
import MailModel
import Reports

extension ReportController {
    static let emailsDocumentation = Documentation(
        "Totals, rates and a series of emails and their events; as CSV the series",
        query: range + [
            .init(name: "domain", schema: .string, description: "Only emails of this sending domain."),
            .init(name: "sender", schema: .formatted("email"), description: "Only emails from this address."),
            .init(name: "campaign", schema: .string, description: "Only emails with this externalId."),
            .init(name: "tag", schema: .string, description: "Only emails with this tag. One of these four at the most."),
            .userName, format,
        ],
        tooLong, table("The report.", .envelope(ReportResources.report.reference)))

    static let campaignsDocumentation = Documentation(
        "Campaigns, the emails of one externalId each, newest first, with their totals",
        query: [.userName, format] + Documentation.Parameter.page,
        table("The campaigns; meta.next is there while there are more.", .envelope(.array(ReportResources.campaign.reference))))

    static let campaignDocumentation = Documentation(
        "A campaign: its totals from its beginning, and a series; as CSV the series",
        query: range + [.userName, format], tooLong, table("The campaign.", .envelope(ReportResources.campaignReport.reference)))

    private static let range: [Documentation.Parameter] = [
        .init(
            name: "from", schema: .string,
            description: "A date of the time zone, or an RFC 3339 time. 30 days when not given; a campaign begins with its first email."),
        .init(
            name: "to", schema: .string,
            description: "A date, which is part of the range, or an RFC 3339 time, which is not; the present when not given."),
        .init(name: "groupBy", schema: .words(ReportInterval.self), description: "The steps of the series, day when not given."),
        .init(name: "timezone", schema: .string, description: "An IANA name, by which days begin; UTC when not given."),
    ]

    private static let format = Documentation.Parameter(
        name: "format", schema: .words(["json", "csv"]), description: "Else by Accept.")

    private static let tooLong = Documentation.Answer.json(
        .badRequest, "The range is longer than \(ReportRange.mostDays) days.", .envelopeError)

    private static func table(_ description: String, _ schema: Schema) -> Documentation.Answer {
        .init(status: .ok, description: description, content: [("application/json", schema), ("text/csv", .string)])
    }

}
