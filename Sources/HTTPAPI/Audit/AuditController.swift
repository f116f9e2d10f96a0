import Audit
import Hummingbird
import MailModel
import NIOCore
import Storage
import Web

/// `GET /audit`: the log of who changed what (specification 2.7).
struct AuditController: Sendable {
    let store: Store
    let audit: AuditService

    var operations: [Operation] {
        [Operation(.get, "/audit", .auditRead, Self.listDocumentation, list)]
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let filter = try AuditFilter(request.query)
        let account = try await RequestedAccount(request.query["partner_ref"], by: principal).find(in: store)
        if try request.wantsCSV() { return table(filter, by: principal, of: account) }
        let limit = try request.query.limit()
        let after = try request.query.value("after", "the id of a row", AuditID.init)
        let found = try await audit.list(matching: filter, by: principal, of: account, after: after, limit: limit + 1)
        return .array(request, of: found, limit: limit, next: \.id.description, write: AuditResources.entry.write)
    }

    private func table(_ filter: AuditFilter, by principal: Principal, of account: Account?) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: #"attachment; filename="audit.csv""#,
                .cacheControl: "no-store",
            ],
            body: ResponseBody { [audit] writer in
                var csv = CSV(header: AuditTable.columns)
                try await audit.export(matching: filter, by: principal, of: account) { page in
                    for entry in page { csv.append(AuditTable.cells(of: entry)) }
                    try await writer.write(ByteBuffer(string: csv.drain()))
                }
                // The header, where there are no rows.
                try await writer.write(ByteBuffer(string: csv.drain()))
                try await writer.finish(nil)
            })
    }
}

extension AuditFilter {
    /// The filters in the query of `GET /audit`.
    fileprivate init(_ query: Query) throws(APIError) {
        self.init()
        actor = try query.value("actor", "master, system, key, user, or the id of one such as key:7", AuditActorFilter.init)
        action = try query.value("action", "an action such as domain.suspend, or its part before the point", AuditActionFilter.init)
        target = try query.value("target", "a kind and a name such as domain:shop.example", AuditTarget.init)
        since = try query.value("since", "a date or an RFC 3339 time") { Self.time($0, endOfDay: false) }
        until = try query.value("until", "a date or an RFC 3339 time") { Self.time($0, endOfDay: true) }
    }

    /// Reads a time, or a date as the beginning or the end of its day in UTC.
    private static func time(_ text: String, endOfDay: Bool) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) { return time }
        guard let midnight = Timestamp(rfc3339: text + "T00:00:00Z") else { return nil }
        return endOfDay ? midnight + .seconds(86_400) : midnight
    }
}
