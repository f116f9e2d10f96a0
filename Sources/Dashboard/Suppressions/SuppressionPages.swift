import Hummingbird
import MailModel
import NIOCore
import Recipients
import Storage
import Web

/// `/dashboard/suppressions`: the suppression list of an account.
struct SuppressionPages: Section {
    let store: Store
    let suppressions: SuppressionService

    private static let path = "/dashboard/suppressions"
    private static let pageSize = 50
    /// The maximum of addresses in a form; files are for `POST /suppressions/import`.
    private static let mostPasted = 20_000

    var pages: [Page] {
        [
            .get(Self.path, .suppressionsRead, list), .post(Self.path, .suppressionsAdd, add),
            .post(Self.path + "/import", .suppressionsAdd, importLines), .get(Self.path + "/export", .suppressionsRead, export),
            .post(Self.path + "/{id}/delete", .suppressionsLift, remove), .post(Self.path + "/remove", .suppressionsLift, removeMany),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let search = try SuppressionSearch(request.query, of: request.account)
        let found =
            search.problem == nil
            ? try await suppressions.list(
                matching: search.filter, of: request.account, after: search.after, limit: Self.pageSize + 1) : []
        return request.page(.suppressions, "Suppressions", SuppressionsModel(found, search, request, pageSize: Self.pageSize))
    }

    private func add(_ request: DashboardRequest) async throws -> Response {
        let sender = request.form["sender"]?.trimmed
        let entry = try SuppressionEntry(
            address: request.form["address"]?.trimmed ?? "", scope: nil, sender: sender, reason: nil, note: request.form["note"]?.trimmed)
        let (stored, isNew) = try await suppressions.add(entry, to: try await account(request), by: request.principal)
        let address = stored.entry.address
        return request.redirect(
            request.link(Self.path), saying: isNew ? "\(address) is suppressed." : "\(address) was suppressed already: its entry stays.",
            tone: isNew ? .good : .neutral)
    }

    /// Imports addresses, one on each line.
    private func importLines(_ request: DashboardRequest) async throws -> Response {
        let lines = (request.form["addresses"] ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            $0.trimmedOfInvisibles
        }
        guard lines.count <= Self.mostPasted else {
            throw APIError(.unprocessableContent, "That is more than \(Self.mostPasted) lines: send the file to POST /suppressions/import.")
        }
        var importing = SuppressionImport(into: try await account(request), of: suppressions, by: request.principal)
        do {
            for (index, line) in lines.enumerated() where !line.isEmpty {
                do {
                    try await importing.add(try SuppressionEntry(address: line, scope: nil, sender: nil, reason: nil, note: nil))
                } catch let fault as SuppressionEntry.Invalid {
                    importing.reject(line: index + 1, fault.description)
                }
            }
            try await importing.finish()
        } catch {
            await importing.abandon()
            throw error
        }
        return request.redirect(
            request.link(Self.path), saying: importing.report.words, tone: importing.report.rejectedCount == 0 ? .good : .warning)
    }

    private func remove(_ request: DashboardRequest) async throws -> Response {
        guard try await suppressions.remove(try request.id(of: "Suppression"), by: request.principal) else {
            throw APIError(.notFound, "There is no such entry: it may have been taken off meanwhile.")
        }
        let back = request.query["back"].map { LogInPages.target($0) } ?? request.link(Self.path)
        return request.redirect(back, saying: "The address may be mailed again.")
    }

    /// Removes the entries that are ticked.
    private func removeMany(_ request: DashboardRequest) async throws -> Response {
        var count: Int64 = 0
        for id in request.form.names(after: "pick.").compactMap({ Int64($0) }) {
            let isRemoved = try await suppressions.remove(id, by: request.principal)
            if isRemoved { count += 1 }
        }
        guard count > 0 else { return request.redirect(request.link(Self.path), saying: "No entry was selected.", tone: .warning) }
        let addresses = count == 1 ? "1 address" : "\(Format.count(count)) addresses"
        return request.redirect(request.link(Self.path), saying: "\(addresses) may be mailed again.")
    }

    private func export(_ request: DashboardRequest) async throws -> Response {
        let filter = try SuppressionSearch(request.query, of: request.account).filter
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: #"attachment; filename="suppressions.csv""#,
                .cacheControl: "no-store",
            ],
            body: ResponseBody { [suppressions, account = request.account] writer in
                var csv = CSV.suppressions
                try await suppressions.export(matching: filter, of: account) { page in
                    for suppression in page { csv.append(suppression) }
                    try await writer.write(ByteBuffer(string: csv.drain()))
                }
                try await writer.write(ByteBuffer(string: csv.drain()))
                try await writer.finish(nil)
            })
    }

    /// Returns the account of a form: the chosen one, or the one that it names.
    private func account(_ request: DashboardRequest) async throws -> Account {
        if let account = request.account { return account }
        let reference = request.form["owner"]?.trimmed ?? ""
        guard let account = try await store.read({ try $0.accounts.find(reference: reference) }) else {
            throw APIError(.unprocessableContent, "Whose list is it? There is no account \(Fields.shown(reference)).")
        }
        return account
    }
}

/// The filter and the position in the list.
struct SuppressionSearch {
    private(set) var filter = SuppressionFilter()
    let address: String
    let after: Int64?
    private(set) var problem: String?

    /// - Parameter account: `nil` for the list of all accounts, which has no filters.
    init(_ query: Query, of account: Account?) throws(APIError) {
        address = query["address"]?.trimmed ?? ""
        after = try query.after()
        guard account != nil else { return }
        filter.reason = query["reason"].flatMap(SuppressionReason.init)
        guard !address.isEmpty else { return }
        filter.address = try? EmailAddress(address)
        if filter.address == nil { problem = "That is no email address." }
    }
}

extension SuppressionImport.Report {
    fileprivate var words: String {
        var words = "\(Format.count(imported)) suppressed"
        if duplicates > 0 { words += ", \(Format.count(duplicates)) were on the list already" }
        if let first = rejected.first {
            words += ", \(Format.count(rejectedCount)) not understood (line \(first.line): \(first.explanation))"
        }
        return words + "."
    }
}

extension Template {
    static let suppressions = Template(PackageResources.suppressions_mustache)
}
