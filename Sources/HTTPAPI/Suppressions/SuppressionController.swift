import Hummingbird
import MailModel
import NIOCore
import Recipients
import Storage
import Web

/// `/suppressions`: the suppression list of an account (specification 9.2).
struct SuppressionController: Sendable {
    let store: Store
    let suppressions: SuppressionService

    /// The maximum size of an import in bytes: some ten million lines.
    private static let largestImport = 1 << 30

    var operations: [Operation] {
        [
            Operation(.get, "/suppressions", .suppressionsRead, Self.listDocumentation, list),
            Operation(.post, "/suppressions", .suppressionsAdd, Self.addDocumentation, add),
            Operation(.post, "/suppressions/import", .suppressionsAdd, Self.importDocumentation, importTable),
            Operation(.delete, "/suppressions", .suppressionsLift, Self.removeAddressDocumentation, removeAddress),
            Operation(.delete, "/suppressions/{id}", .suppressionsLift, Self.removeDocumentation, remove),
        ].inEnvelopes
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let filter = try SuppressionFilter(request.query)
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        if account == nil, filter != SuppressionFilter() {
            throw APIError.invalid("userName", code: .missingField, "missing, a filter needs an account to look in")
        }
        if try request.wantsCSV() { return export(filter, of: account) }
        let limit = try request.query.limit()
        let found = try await suppressions.list(matching: filter, of: account, after: try request.query.after(), limit: limit + 1)
        return .page(request, of: found, limit: limit, at: store.now, next: \.id.description, write: SuppressionResources.suppression.write)
    }

    private func add(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(nullIsAbsent: true)
        let userName = fields.string("userName")
        let texts = (
            fields.requiredString("address"), fields.string("scope"), fields.string("sender"), fields.string("reason"),
            fields.string("note")
        )
        try fields.check(missingStatus: .badRequest)
        // An empty cell of a file counts as not given; an empty text in JSON is not valid.
        for (name, text) in [("scope", texts.1), ("sender", texts.2), ("reason", texts.3)] where text == "" {
            throw APIError.invalid(name, "expected a value or null, found an empty text")
        }
        let entry = try SuppressionEntry(address: texts.0, scope: texts.1, sender: texts.2, reason: texts.3, note: texts.4)
        let (suppression, isNew) = try await suppressions.add(
            entry, to: try await RequestedAccount(userName, by: principal).require(in: store), by: principal)
        let explain = isNew ? nil : "The address is suppressed already: its entry stays as it is"
        return .envelope(request, isNew ? .created : .ok, at: store.now, explain: explain) {
            SuppressionResources.suppression.write(suppression, to: &$0)
        }
    }

    private func remove(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard try await suppressions.remove(try request.id(of: "Suppression"), by: principal) else {
            throw APIError.notFound("Suppression")
        }
        return .noContent
    }

    private func removeAddress(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let address = try request.query.value("address", "an email address", { try? EmailAddress($0) }) else {
            throw APIError.invalid("address", code: .missingField, "missing, the address that is to be mailed again")
        }
        let sender = try request.query.value("sender", "an email address") { try? EmailAddress($0) }
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        guard try await suppressions.remove(address, sender: sender, from: account, by: principal) else {
            throw APIError.notFound("Suppression")
        }
        return .noContent
    }

    private func importTable(_ request: APIRequest, by principal: Principal) async throws -> Response {
        // The other type is the default of curl's `--data-binary`.
        try request.checkContentType("text/csv", or: "application/x-www-form-urlencoded")
        let account = try await RequestedAccount(request.query["userName"], by: principal).require(in: store)
        var importing = SuppressionImport(into: account, of: suppressions, by: principal)
        var table = SuppressionTable()
        do {
            try await request.consumeBody(upTo: Self.largestImport) { chunk in
                try await importing.add(try table.lines(in: chunk.readableBytesView))
            }
            try await importing.add(try table.finish())
            try await importing.finish()
        } catch {
            await importing.abandon()
            throw error
        }
        return .envelope(request, at: store.now) { SuppressionResources.imported.write((importing.report, table.ignoredColumns), to: &$0) }
    }

    private func export(_ filter: SuppressionFilter, of account: Account?) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/csv; charset=utf-8", .contentDisposition: #"attachment; filename="suppressions.csv""#],
            body: ResponseBody { writer in
                var csv = CSV.suppressions
                try await suppressions.export(matching: filter, of: account) { page in
                    for suppression in page { csv.append(suppression) }
                    try await writer.write(ByteBuffer(string: csv.drain()))
                }
                // The header, where there are no entries.
                try await writer.write(ByteBuffer(string: csv.drain()))
                try await writer.finish(nil)
            })
    }
}

extension SuppressionImport {
    fileprivate mutating func add(_ lines: [SuppressionTable.Line]) async throws {
        for line in lines {
            switch line.entry {
            case .success(let entry): try await add(entry)
            case .failure(let fault): reject(line: line.number, fault.description)
            }
        }
    }
}

extension SuppressionFilter {
    fileprivate init(_ query: Query) throws(APIError) {
        self.init()
        address = try query.value("address", "an email address") { try? EmailAddress($0) }
        scope = try query.value("scope", "account or sender", SuppressionEntry.Scope.init(rawValue:))
        sender = try query.value("sender", "an email address") { try? EmailAddress($0) }
        reason = try query.choice("reason")
    }
}
