import JSON
import MailModel
import Reports
import Web

/// Reports as the API answers them (specification 10.1): in JSON, and as tables.
enum ReportResources {
    static let report = Resource<EmailReport>("EmailReport") {
        frame
        Field.object("totals", counts, "The counts and rates of the whole range.") { $0.totals }
        series
    }

    /// A campaign in a list.
    static let campaign = Resource<Campaign>("Campaign") { campaignFields }

    /// A campaign with a series.
    static let campaignReport = Resource<(campaign: Campaign, report: EmailReport)>("CampaignReport") {
        campaignFields.map { field in field.of { $0.campaign } }
        frame.map { field in field.of { $0.report } }
        series.of { $0.report }
    }

    static let counts = Resource<ReportCounts>("ReportCounts") { countFields }

    private static let point = Resource<EmailReport.Point>("ReportPoint") {
        Field("at", .time, "When the step begins (UTC).", example: "2026-06-14T22:00:00.000Z") { $0.at.description }
        Field("local", .string, "The step as the time zone names it: an hour, a date, or a month.", example: "2026-06-15") { $0.local }
        countFields.map { field in field.of { $0.counts } }
    }

    @FieldBuilder<EmailReport> private static var frame: [Field<EmailReport>] {
        Field("from", .time, "When the range begins (UTC).", example: "2026-05-31T22:00:00.000Z") { $0.range.start.description }
        Field("to", .time, "When the range ends (UTC); this moment is not part of it.", example: "2026-06-30T22:00:00.000Z") {
            $0.range.end.description
        }
        Field("groupBy", .words(ReportInterval.self), "The length of the steps of the series.", example: "day") { $0.interval.rawValue }
        Field("timezone", .string, "The time zone of the steps, by its IANA name.", example: "Europe/Madrid") { $0.range.zone.name }
    }

    private static let series = Field<EmailReport>.list(
        "series", of: point, "Every step of the range in order, also those in which nothing was counted."
    ) { $0.series }

    @FieldBuilder<Campaign> private static var campaignFields: [Field<Campaign>] {
        Field("id", .integer, "The id of the campaign, by which lists are paged.", example: 5) { $0.id }
        Field("externalId", .string, "The externalId of its emails.", example: "summer-campaign") { $0.externalID }
        Field("userName", .string, "The account that sent it (partner_ref).", example: "acme") { $0.userName }
        Field("createdAt", .time, "When its first email was accepted (UTC).", example: "2026-06-15T12:00:00.000Z") {
            $0.createdAt.description
        }
        Field.object("totals", counts, "The counts and rates from its beginning.") { $0.totals }
    }

    private static var countFields: [Field<ReportCounts>] {
        ReportMeasure.allCases.map { measure in
            Field(measure.name, .count, measure.description, example: measure.example) { $0[measure] }
        }
            + ReportRate.allCases.map { rate in
                Field(rate.rawValue, .number, rate.description, example: rate.example) { rate.of($0).percent }
            }
    }
}

extension ReportMeasure {
    fileprivate var description: String {
        switch self {
        case .accepted: "Emails that were accepted, also those that were not sent."
        case .sent: "Emails that SES took."
        case .delivered: "Emails that the recipient's server took."
        case .opened: "Emails that were opened, each counted once."
        case .opens: "How often emails were opened."
        case .clicked: "Emails in which a link was clicked, each counted once."
        case .clicks: "How often links were clicked."
        case .softBounced: "Emails that bounced for a time, or for a reason that SES cannot tell."
        case .hardBounced: "Emails that bounced for good."
        case .complained: "Emails that the recipient reported as spam."
        case .unsubscribed: "Emails by whose link the recipient unsubscribed."
        case .rejected: "Emails that ended unsent: `NOT_SENT`, `EXHAUSTED`, `BAD_TO`, `BAD_FROM`, `INCOMPLETE`."
        case .blocked: "Emails that ended unsent because the account was blocked or the domain suspended."
        case .blacklisted: "Emails that were not sent because the recipient is suppressed or has not confirmed."
        case .automatedOpens: "How often programs opened emails, such as scanners, as far as SES can tell; not in `opens`."
        case .automatedClicks: "How often programs followed links, as far as SES can tell; not in `clicks`."
        }
    }

    fileprivate var example: Example {
        switch self {
        case .accepted: 1000
        case .sent: 980
        case .delivered: 960
        case .opened: 480
        case .opens: 710
        case .clicked: 96
        case .clicks: 130
        case .softBounced: 8
        case .hardBounced: 12
        case .complained: 1
        case .unsubscribed: 6
        case .rejected: 2
        case .blocked: 0
        case .blacklisted: 18
        case .automatedOpens: 210
        case .automatedClicks: 95
        }
    }
}

extension ReportRate {
    fileprivate var description: String {
        let whole = " with two decimals; 0 where there were none."
        return switch self {
        case .deliveryRate: "`delivered` in percent of `sent`," + whole
        case .openRate: "`opened` in percent of `delivered`," + whole
        case .clickRate: "`clicked` in percent of `delivered`," + whole
        case .bounceRate: "`hardBounced` in percent of `sent`," + whole
        case .softBounceRate: "`softBounced` in percent of `sent`," + whole
        case .complaintRate: "`complained` in percent of `sent`," + whole
        case .unsubscribeRate: "`unsubscribed` in percent of `delivered`," + whole
        }
    }

    fileprivate var example: Example {
        switch self {
        case .deliveryRate: 97.96
        case .openRate: 50.0
        case .clickRate: 10.0
        case .bounceRate: 1.22
        case .softBounceRate: 0.82
        case .complaintRate: 0.1
        case .unsubscribeRate: 0.63
        }
    }
}

// MARK: Tables

extension ReportCounts {
    fileprivate static let columns = ReportMeasure.allCases.map(\.name) + ReportRate.allCases.map(\.rawValue)

    fileprivate var cells: [String] {
        ReportMeasure.allCases.map { String(self[$0]) } + ReportRate.allCases.map { String($0.of(self).percent) }
    }
}

extension EmailReport {
    /// The table of the series: a line for each step.
    var table: CSV {
        var csv = CSV(header: ["at", "local"] + ReportCounts.columns)
        for point in series { csv.append([point.at.description, point.local] + point.counts.cells) }
        return csv
    }
}

extension Campaign {
    static func table(of campaigns: some Sequence<Campaign>) -> CSV {
        var csv = CSV(header: ["externalId", "userName", "createdAt"] + ReportCounts.columns)
        for campaign in campaigns {
            csv.append([campaign.externalID, campaign.userName, campaign.createdAt.description] + campaign.totals.cells)
        }
        return csv
    }
}
