import ArgumentParser
import Encoding
import JSON

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "What became of the emails, and what is to be billed.",
        discussion: "Through a running server. The master token sees all accounts; --account names one of them.",
        subcommands: [Emails.self, Campaigns.self, OneCampaign.self, Billing.self])

    struct Emails: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts and rates of emails by hour, day or month, and their total.",
            discussion: "One of --domain, --sender, --campaign and --tag at the most.")

        @Option(help: "Only emails of this domain.")
        var domain: String?

        @Option(help: "Only emails from this address.")
        var sender: String?

        @Option(help: ArgumentHelp("Only emails of this campaign.", valueName: "externalId"))
        var campaign: String?

        @Option(help: "Only emails with this tag.")
        var tag: String?

        @OptionGroup var steps: Steps
        @OptionGroup var target: Target

        func run() async throws {
            let filters = ["domain": domain, "sender": sender, "campaign": campaign, "tag": tag]
            let data = try await target.data("/reports/emails", steps.query.merging(filters) { first, _ in first })
            target.showSeries(data)
        }
    }

    struct Campaigns: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Campaigns with their totals, newest first.")

        @Option(help: "At most this many, 1 to 1000.")
        var limit = 100

        @OptionGroup var target: Target

        func run() async throws {
            let answer = try await target.get("/reports/campaigns", ["limit": String(limit)])
            let campaigns = (answer.body["data"]?.arrayValue ?? []).compactMap(\.objectValue)
            if target.format.asJSON { return Output.show(campaigns, asJSON: true) }
            let rows = campaigns.map { campaign -> JSONObject in
                var row = JSONObject()
                for name in ["externalId", "userName", "createdAt"] { row[name] = campaign[name] ?? .null }
                return ReportTable.add(campaign["totals"]?.objectValue, to: row)
            }
            Output.show(rows, asJSON: false)
        }
    }

    struct OneCampaign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "campaign", abstract: "A campaign by hour, day or month, and its total from its beginning.")

        @Argument(help: "The externalId of its emails.")
        var campaign: String

        @OptionGroup var steps: Steps
        @OptionGroup var target: Target

        func run() async throws {
            target.showSeries(try await target.data("/reports/campaigns/\(PercentEncoding.encode(campaign))", steps.query))
        }
    }

    struct Billing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What was frozen of a month, a line per domain.", discussion: "For the master token.")

        @Argument(help: "The month, YYYY-MM.")
        var period: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let bill = try await server.client().get("/outbound/billing".with(query: ["period": period])).successful("Billing").body
            if format.asJSON { return Output.show(bill, asJSON: true) }
            Output.show((bill["domains"]?.arrayValue ?? []).compactMap(\.objectValue), asJSON: false)
        }
    }

    /// The options for the range and the steps of a report.
    struct Steps: ParsableArguments {
        @Option(help: "A date, or an RFC 3339 time.")
        var from: String?

        @Option(help: "A date, which is part of the range, or an RFC 3339 time, which is not.")
        var to: String?

        @Option(help: "hour, day or month.")
        var groupBy = "day"

        @Option(help: "An IANA name, by which days begin.")
        var timezone = "UTC"

        var query: [String: String?] { ["from": from, "to": to, "groupBy": groupBy, "timezone": timezone] }
    }

    /// The options for the account of a report, the server and the output.
    struct Target: ParsableArguments {
        @Option(help: ArgumentHelp("The account whose emails are meant, for the master token.", valueName: "partner_ref"))
        var account: String?

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func get(_ path: String, _ query: [String: String?]) async throws -> APIClient.Answer {
            let query = query.merging(["userName": account]) { first, _ in first }
            return try await server.client().get(path.with(query: query)).successful("Report")
        }

        func data(_ path: String, _ query: [String: String?]) async throws -> JSONObject {
            try await get(path, query).data ?? JSONObject()
        }

        func showSeries(_ data: JSONObject) {
            if format.asJSON { Output.show(data, asJSON: true) } else { Output.show(ReportTable.rows(data), asJSON: false) }
        }
    }
}

/// The rows of a report that fit on a screen.
///
/// All of it is in the JSON output.
private enum ReportTable {
    private static let columns = [
        "accepted", "sent", "delivered", "opened", "clicked", "softBounced", "hardBounced", "complained", "unsubscribed", "deliveryRate",
        "openRate", "clickRate", "bounceRate", "complaintRate",
    ]

    /// Returns a row for each step, and one for the total.
    static func rows(_ report: JSONObject) -> [JSONObject] {
        let steps = (report["series"]?.arrayValue ?? []).compactMap(\.objectValue)
        return steps.map { add($0, to: ["at": $0["local"] ?? .null]) } + [add(report["totals"]?.objectValue, to: ["at": .string("total")])]
    }

    /// Returns a row with the counts and rates added to it.
    static func add(_ counts: JSONObject?, to row: JSONObject) -> JSONObject {
        columns.reduce(into: row) { $0[$1] = counts?[$1] ?? .null }
    }
}
