import Audit
import Hummingbird
import MailModel
import NIOCore
import Web

/// `/dashboard/audit`: the log of who changed what.
struct AuditPages: Section {
    let audit: AuditService

    static let path = "/dashboard/audit"
    private static let pageSize = 50

    var pages: [Page] {
        [.get(Self.path, .auditRead, list), .get(Self.path + ".csv", .auditRead, table)]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let search = AuditSearchForm(request.query)
        let found =
            search.fields.problem == nil
            ? try await audit.list(
                matching: search.filter, by: request.principal, of: request.account, after: search.after, limit: Self.pageSize + 1) : []
        return request.page(.audit, "Audit log", AuditModel(found, search, request, pageSize: Self.pageSize))
    }

    private func table(_ request: DashboardRequest) async throws -> Response {
        let search = AuditSearchForm(request.query)
        if let problem = search.fields.problem { throw APIError(.unprocessableContent, problem) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: #"attachment; filename="audit.csv""#,
                .cacheControl: "no-store",
            ],
            body: ResponseBody { [audit, principal = request.principal, account = request.account] writer in
                var csv = CSV(header: AuditTable.columns)
                try await audit.export(matching: search.filter, by: principal, of: account) { page in
                    for entry in page { csv.append(AuditTable.cells(of: entry)) }
                    try await writer.write(ByteBuffer(string: csv.drain()))
                }
                try await writer.write(ByteBuffer(string: csv.drain()))
                try await writer.finish(nil)
            })
    }
}

/// The search form of the audit log: as it was typed, and as a filter.
struct AuditSearchForm: Sendable {
    private(set) var filter = AuditFilter()
    /// The page begins behind this row.
    let after: AuditID?
    private(set) var fields: SearchFields

    private static let names = ["actor", "action", "target", "since", "until"]

    init(_ query: Query) {
        fields = SearchFields(query, Self.names)
        after = query["after"].flatMap(AuditID.init)
        filter.actor = fields.read("actor", "Who: expected master, system, or a key such as key:7", AuditActorFilter.init)
        filter.action = fields.read("action", "There is no such action", AuditActionFilter.init)
        filter.target = fields.read("target", "What: expected a kind and a name, such as domain:shop.example", AuditTarget.init)
        (filter.since, filter.until) = fields.readDays()
    }

    /// The path of a page with this search.
    func link(_ path: String, after: AuditID? = nil, _ request: DashboardRequest) -> String {
        request.link(
            path,
            [
                "actor": fields.text("actor"), "action": fields.text("action"), "target": fields.text("target"),
                "since": fields.text("since"), "until": fields.text("until"), "after": after?.description,
            ])
    }
}

extension Template {
    static let audit = Template(PackageResources.audit_mustache)
}
