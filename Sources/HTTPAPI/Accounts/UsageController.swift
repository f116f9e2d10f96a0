import Hummingbird
import JSON
import MailModel
import Outbound
import Web

/// `/usage`: what was sent, refused and came back, by the day (specification 3.15).
struct UsageController: Sendable {
    let accounts: AccountService
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [Operation(.get, "/usage", .usageRead, Self.documentation, usage)]
    }

    private func usage(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let today = clock().day
        let first = try request.query.day("since") ?? today.month.start.day
        let last = try request.query.day("until") ?? max(first, today)
        guard first <= last else { throw APIError.invalid("until", "expected a day that is not before since") }
        var filter = AccountService.UsageFilter(days: first...last, account: request.query["partner_ref"])
        filter.domain = try request.query.value("domain", "a domain name") { try? DomainName($0) }
        let wantsCSV = try request.wantsCSV()
        let entries = try await accounts.usage(filter, by: principal)
        if wantsCSV { return .text(UsageEntry.table(of: entries).text, contentType: "text/csv; charset=utf-8") }
        return .json { writer in
            writer.array { array in
                for entry in entries { UsageResources.entry.write(entry, to: &array) }
            }
        }
    }

    private static let documentation = Documentation(
        "What was sent, refused and came back, for each day and domain or single sender",
        query: [
            .init(name: "since", schema: .string, description: "The first day (UTC), YYYY-MM-DD; the first of this month when not given."),
            .init(
                name: "until", schema: .string,
                description: "The last day (UTC), YYYY-MM-DD; today when not given. At most \(AccountService.mostDays) days."),
            .init(name: "domain", schema: .string, description: "Only this domain."),
            .init(name: "partner_ref", schema: .string, description: "Only this account's, for the master; a client sees only its own."),
            .init(name: "format", schema: .words(["json", "csv"]), description: "Instead of the Accept header."),
        ],
        .init(
            status: .ok, description: "The usage, by day. Days on which nothing happened are left out.",
            content: [("application/json", .array(UsageResources.entry.reference)), ("text/csv", .string)]),
        .json(.notFound, "There is no such account, or it is another one than the key's.", .error))
}

extension Query {
    fileprivate func day(_ name: String) throws(APIError) -> CalendarDay? {
        try value(name, "a day, YYYY-MM-DD") { CalendarDay(date: $0) }
    }
}

/// The usage of a day as the API answers it (specification 3.15).
enum UsageResources {
    static let entry = Resource<UsageEntry>("Usage") {
        Field("date", .string, "The day (UTC), YYYY-MM-DD.", example: "2026-06-15") { $0.day.date }
        Field("domain", .nullable(.string), "The domain; null for a single sender.", example: "shop.example") { $0.domain?.description }
        Field("sender", .nullable(.email), "The address of a single sender; null for a domain.", example: "ann@partner.example") {
            $0.sender?.description
        }
        Field("sent", .count, "The messages that were counted, less those that were cancelled.", example: 1840) { $0.counts.sent }
        Field("refused", .count, "The messages that a limit, a suspension or a block has refused.", example: 12) { $0.counts.refused }
        Field("bounces", .count, "The bounces that came on the day and count: permanent and undetermined ones.", example: 9) {
            $0.counts.bounces
        }
        Field("complaints", .count, "The recipients who reported mail as spam on the day.", example: 1) { $0.counts.complaints }
    }
}

extension UsageEntry {
    /// The usage as a table, with the fields of the JSON form.
    fileprivate static func table(of entries: [UsageEntry]) -> CSV {
        var csv = CSV(header: ["date", "domain", "sender", "sent", "refused", "bounces", "complaints"])
        for entry in entries {
            csv.append([
                entry.day.date, entry.domain?.description ?? "", entry.sender?.description ?? "", String(entry.counts.sent),
                String(entry.counts.refused), String(entry.counts.bounces), String(entry.counts.complaints),
            ])
        }
        return csv
    }
}
