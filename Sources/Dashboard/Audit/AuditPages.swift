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
            search.problem == nil
            ? try await audit.list(
                matching: search.filter, by: request.principal, of: request.account, after: search.after, limit: Self.pageSize + 1) : []
        return request.page(.audit, "Audit log", AuditModel(found, search, request, pageSize: Self.pageSize))
    }

    private func table(_ request: DashboardRequest) async throws -> Response {
        let search = AuditSearchForm(request.query)
        if let problem = search.problem { throw APIError(.unprocessableContent, problem) }
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
    /// What is not valid, in a sentence; there is no search then.
    private(set) var problem: String?
    private let texts: [String: String]

    private static let names = ["actor", "action", "target", "since", "until"]

    init(_ query: Query) {
        texts = Dictionary(uniqueKeysWithValues: Self.names.compactMap { name in query.text(name).map { (name, $0) } })
        after = query["after"].flatMap(AuditID.init)
        filter.actor = read("actor", "Who: expected master, system, or a key such as key:7", AuditActorFilter.init)
        filter.action = read("action", "There is no such action", AuditActionFilter.init)
        filter.target = read("target", "What: expected a kind and a name, such as domain:shop.example", AuditTarget.init)
        filter.since = read("since", "The first day is no date, such as 2026-01-31", Self.midnight)
        filter.until = read("until", "The last day is no date, such as 2026-01-31", Self.midnight).map { $0 + .seconds(86_400) }
    }

    /// The text of a field.
    func text(_ name: String) -> String { texts[name] ?? "" }

    var isEmpty: Bool { texts.isEmpty }

    /// The path of a page with this search.
    func link(_ path: String, after: AuditID? = nil, _ request: DashboardRequest) -> String {
        request.link(
            path,
            [
                "actor": text("actor"), "action": text("action"), "target": text("target"), "since": text("since"), "until": text("until"),
                "after": after?.description,
            ])
    }

    private mutating func read<Value>(_ name: String, _ complaint: String, _ read: (String) -> Value?) -> Value? {
        guard let text = texts[name] else { return nil }
        let value = read(text)
        if value == nil { problem = problem ?? complaint + "." }
        return value
    }

    private static func midnight(_ date: String) -> Timestamp? {
        Timestamp(rfc3339: date + "T00:00:00Z")
    }
}

extension Template {
    static let audit = Template(PackageResources.audit_mustache)
}
