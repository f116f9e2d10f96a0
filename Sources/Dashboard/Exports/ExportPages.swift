import Access
import Callbacks
import Hummingbird
import MailModel
import NIOCore
import Outbound
import Reports
import Sending
import Storage
import Web

/// `/dashboard/exports`: the lists as CSV, with the filters of their pages.
///
/// They are written page by page, so that a list of any length needs the memory of one page.
struct ExportPages: Section {
    let sentEmails: SentEmails
    let refusals: RefusalLog
    let callbacks: CallbackService
    let domains: DomainService
    let campaigns: ReportService
    let senders: SenderService
    let keys: KeyService
    let accounts: AccountService

    static let emails = "/dashboard/exports/emails.csv"
    static let refusals = "/dashboard/exports/refusals.csv"
    static let callbacks = "/dashboard/exports/callbacks.csv"
    static let domains = "/dashboard/exports/domains.csv"
    static let campaigns = "/dashboard/exports/campaigns.csv"
    static let senders = "/dashboard/exports/senders.csv"
    static let keys = "/dashboard/exports/keys.csv"
    static let accounts = "/dashboard/exports/accounts.csv"

    private static let pageSize = 500

    var pages: [Page] {
        [
            .get(Self.emails, .emailsRead, exportEmails), .get(Self.refusals, .emailsRead, exportRefusals),
            .get(Self.callbacks, .callbacksRead, exportCallbacks), .get(Self.domains, .domainsRead, exportDomains),
            .get(Self.campaigns, .reportsRead, exportCampaigns), .get(Self.senders, .sendersRead, exportSenders),
            .get(Self.keys, .keysRead, exportKeys), .get(Self.accounts, .accountsRead, exportAccounts),
        ]
    }

    private func exportEmails(_ request: DashboardRequest) async throws -> Response {
        let search = EmailSearchForm(request.query)
        if let problem = search.fields.problem { throw APIError(.unprocessableContent, problem) }
        let (filter, principal, account) = (search.filter, request.principal, request.account?.id)
        let header = ["id", "accepted", "status", "to", "from", "subject", "externalId", "clientId", "account"]
        return .table("emails", header) { [sentEmails] (after: EmailID?) in
            let page = try await sentEmails.emails(matching: filter, by: principal, of: account, after: after, limit: Self.pageSize)
            let rows = page.emails.map { email in
                [
                    email.id.description, email.createdAt.description, email.status.rawValue, email.recipient.shown ?? "",
                    email.sender.description, email.content.subject, email.externalID ?? "", email.clientID ?? "", email.userName,
                ]
            }
            return (rows, page.next)
        }
    }

    private func exportRefusals(_ request: DashboardRequest) async throws -> Response {
        let (principal, account, recipient) = (request.principal, request.account?.id, request.query.text("to"))
        return .table("refusals", ["at", "status", "code", "explanation", "to", "from", "key", "account"]) { [refusals] after in
            let found = try await refusals.list(by: principal, of: account, to: recipient, after: after, limit: Self.pageSize)
            let rows = found.map { found in
                let refusal = found.refusal
                return [
                    refusal.at.description, String(refusal.httpStatus), refusal.code, refusal.explanation, refusal.recipient ?? "",
                    refusal.sender ?? "", refusal.keyName, found.userName ?? "",
                ]
            }
            return (rows, found.count < Self.pageSize ? nil : found.last?.refusal.id)
        }
    }

    private func exportCallbacks(_ request: DashboardRequest) async throws -> Response {
        let (account, search) = (request.account, DeliverySearch(request.query))
        let header = ["id", "at", "event", "to", "status", "attempts", "last answer", "url", "account"]
        return .table("callbacks", header) { [callbacks] after in
            let found = try await callbacks.lines(of: account, status: search.status, after: after, limit: Self.pageSize)
            let rows = found.map { line in
                let delivery = line.delivery
                return [
                    delivery.id.description, delivery.id.uuid.time.description, line.event, line.recipient?.shown ?? "",
                    delivery.status.rawValue, String(line.attempts), delivery.attempts.last?.outcome ?? "", delivery.url, line.userName,
                ]
            }
            return (rows, found.count < Self.pageSize ? nil : found.last?.delivery.id)
        }
    }

    private func exportDomains(_ request: DashboardRequest) async throws -> Response {
        let search = try DomainSearch(request.query)
        let (principal, account) = (request.principal, request.account?.id)
        let header = [
            "name", "account", "state", "sent today", "daily limit", "sent this month", "monthly limit", "bounces", "complaints",
        ]
        return .table("domains", header) { [domains] after in
            let found = try await domains.search(search.filter, account: account, by: principal, after: after, limit: Self.pageSize)
            let rows = found.map { found in
                let (domain, counters) = (found.domain, found.domain.counters)
                return [domain.name.description, found.account, domain.badge.text]
                    + [
                        counters.sentToday, domain.outbound.dailyLimit, counters.sentThisMonth, domain.outbound.monthlyLimit,
                        counters.bounceRate.count, counters.complaintRate.count,
                    ].map(String.init)
            }
            return (rows, found.count < Self.pageSize ? nil : found.last?.domain.id)
        }
    }

    private func exportCampaigns(_ request: DashboardRequest) async throws -> Response {
        let account = request.account?.id
        let measures: [ReportMeasure] = [.sent, .delivered, .opened, .clicked, .hardBounced]
        return .table("campaigns", ["campaign", "account", "since"] + measures.map { "\($0)" }) { [campaigns] (after: Int64?) in
            let found = try await campaigns.campaigns(of: account, after: after, limit: Self.pageSize)
            let rows = found.map { campaign in
                [campaign.externalID, campaign.userName, campaign.createdAt.description] + measures.map { String(campaign.totals[$0]) }
            }
            return (rows, found.count < Self.pageSize ? nil : found.last?.id)
        }
    }

    private func exportSenders(_ request: DashboardRequest) async throws -> Response {
        let (principal, account) = (request.principal, request.account?.id)
        return .table("senders", ["address", "status", "requested"]) { [senders] (after: String?) in
            let found = try await senders.list(by: principal, of: account, after: after, limit: Self.pageSize)
            let rows = found.map { [$0.address.description, $0.status.rawValue, $0.createdAt.description] }
            return (rows, found.count < Self.pageSize ? nil : found.last?.address.description)
        }
    }

    private func exportKeys(_ request: DashboardRequest) async throws -> Response {
        let (principal, account) = (request.principal, request.account?.id)
        return .table("keys", ["name", "account", "permissions", "active", "created", "expires", "last used"]) { [keys] (after: Int64?) in
            let found = try await keys.list(of: account, by: principal, after: after, limit: Self.pageSize)
            let rows = found.map { key in
                [
                    key.name, key.account.reference, Scope.allCases.filter(key.scopes.contains).map(\.rawValue).joined(separator: " "),
                    key.isActive ? "yes" : "no", key.createdAt.description, key.expiresAt?.description ?? "",
                    key.lastUsedAt?.description ?? "",
                ]
            }
            return (rows, found.count < Self.pageSize ? nil : found.last?.id)
        }
    }

    private func exportAccounts(_ request: DashboardRequest) async throws -> Response {
        let text = request.query.text("q")
        return .table("accounts", ["account", "status", "created"]) { [accounts] (after: Int64?) in
            let found = try await accounts.list(beginningWith: text, after: after, limit: Self.pageSize).map(\.account)
            let rows = found.map { [$0.reference, $0.status.rawValue, $0.createdAt.description] }
            return (rows, found.count < Self.pageSize ? nil : found.last?.id)
        }
    }
}

extension Response {
    /// A table that is written page by page.
    ///
    /// - Parameters:
    ///   - name: of the file, without its extension.
    ///   - page: returns the rows behind a position, and the next position; `nil` at the end.
    fileprivate static func table<Position: Sendable>(
        _ name: String, _ header: [String], page: @escaping @Sendable (Position?) async throws -> (rows: [[String]], next: Position?)
    ) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"\(name).csv\"",
                .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody { writer in
                var csv = CSV(header: header)
                var position: Position?
                repeat {
                    let (rows, next) = try await page(position)
                    for row in rows { csv.append(row) }
                    try await writer.write(ByteBuffer(string: csv.drain()))
                    position = next
                } while position != nil
                try await writer.finish(nil)
            })
    }
}
