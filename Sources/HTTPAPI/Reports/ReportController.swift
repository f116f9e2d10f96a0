import Hummingbird
import MailModel
import Reports
import Storage
import Web

/// `/reports/…`: totals, rates and series of emails (specification 10.1).
struct ReportController: Sendable {
    let store: Store
    let reports: ReportService

    var operations: [Operation] {
        [
            Operation(.get, "/reports/emails", .reportsRead, Self.emailsDocumentation, emails),
            Operation(.get, "/reports/campaigns", .reportsRead, Self.campaignsDocumentation, campaigns),
            Operation(.get, "/reports/campaigns/{externalId}", .reportsRead, Self.campaignDocumentation, campaign),
        ].inEnvelopes
    }

    private func emails(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let zone = try request.query.zone()
        let range = try request.query.range(in: zone, now: store.now)
        let interval = try request.query.interval()
        let subject = try request.query.subject()
        let wantsCSV = try request.wantsCSV()
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        let report = try await reports.emails(subject, of: account?.id, in: range, by: interval)
        if wantsCSV { return .csv(report.table) }
        return .envelope(request, at: store.now) { ReportResources.report.write(report, to: &$0) }
    }

    private func campaigns(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let after = try request.query.after()
        let wantsCSV = try request.wantsCSV()
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        let found = try await reports.campaigns(of: account?.id, after: after, limit: limit + 1)
        if wantsCSV { return .csv(Campaign.table(of: found.prefix(limit))) }
        return .page(request, of: found, limit: limit, at: store.now, next: \.id.description, write: ReportResources.campaign.write)
    }

    private func campaign(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let zone = try request.query.zone()
        let interval = try request.query.interval()
        let wantsCSV = try request.wantsCSV()
        let isRanged = request.query["from"] != nil || request.query["to"] != nil
        let range = isRanged ? try request.query.range(in: zone, now: store.now) : nil
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        guard let campaign = try await reports.campaign(try request.parameter("externalId"), of: account.id) else {
            throw APIError.notFound("Campaign")
        }
        let report = try await reports.emails(
            .campaign(campaign.externalID), of: account.id, in: range ?? ReportRange(of: campaign, zone: zone, now: store.now), by: interval
        )
        if wantsCSV { return .csv(report.table) }
        return .envelope(request, at: store.now) { ReportResources.campaignReport.write((campaign, report), to: &$0) }
    }
}

extension Query {
    fileprivate func zone() throws(APIError) -> ReportZone {
        try value("timezone", "a name of the IANA time zone database, such as Europe/Madrid", ReportZone.init) ?? .utc
    }

    fileprivate func interval() throws(APIError) -> ReportInterval {
        try choice("groupBy") ?? .day
    }

    fileprivate func range(in zone: ReportZone, now: Timestamp) throws(APIError) -> ReportRange {
        do throws(ReportRange.Fault) {
            return try ReportRange(from: self["from"], to: self["to"], zone: zone, now: now)
        } catch {
            switch error {
            case .notATime(let name):
                throw .invalid(name, "expected a date, 2026-01-31, or an RFC 3339 time, 2026-01-31T18:00:00Z")
            case .endsBeforeItBegins: throw .invalid("to", "expected a time behind from")
            case .tooLong:
                throw APIError(.badRequest, code: .rangeTooLong, "The date range exceeds the allowed limit: \(ReportRange.mostDays)")
            }
        }
    }

    fileprivate func subject() throws(APIError) -> ReportSubject {
        let names = ["domain", "sender", "campaign", "tag"].filter { self[$0] != nil }
        guard names.count < 2 else {
            throw .invalid(names[1], "cannot be combined with \(names[0]): emails are counted for each of them by itself")
        }
        let domain = try value("domain", "a domain name") { try? DomainName($0) }.map(ReportSubject.domain)
        let sender = try value("sender", "an email address") { try? EmailAddress($0) }.map(ReportSubject.sender)
        return domain ?? sender ?? self["campaign"].map(ReportSubject.campaign) ?? self["tag"].map(ReportSubject.tag) ?? .all
    }
}

extension Response {
    fileprivate static func csv(_ table: CSV) -> Response {
        .text(table.text, contentType: "text/csv; charset=utf-8")
    }
}
