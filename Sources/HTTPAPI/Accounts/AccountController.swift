import Hummingbird
import JSON
import MailModel
import Storage
import Web

/// `/accounts`: the customers, for the master (specification 2.4).
struct AccountController: Sendable {
    let store: Store

    var operations: [Operation] {
        [
            .master(.get, "/accounts", Self.listDocumentation, list),
            .master(.get, "/accounts/{ref}", Self.findDocumentation, find),
        ]
    }

    private typealias Listed = (account: Account, domains: [String])

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let after = request.query["after"]
        let status: Account.Status? = try request.query.choice("status")
        let found = try await store.read { tx -> [Listed]? in
            guard let after else { return try tx.accounts.list(status, after: nil, limit: limit) }
            guard let last = try tx.accounts.find(reference: after) else { return nil }
            return try tx.accounts.list(status, after: last.id, limit: limit)
        }
        guard let found else { throw APIError.invalid("after", "expected the partner_ref of an account") }
        return .array(found) { listed, writer in listed.account.write(domains: listed.domains, to: &writer) }
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let reference = try request.parameter("ref")
        let found = try await store.read { tx -> Listed? in
            guard let account = try tx.accounts.find(reference: reference) else { return nil }
            return (account, try tx.domains.listNames(of: account.id))
        }
        guard let found else { throw APIError.notFound("Account") }
        return .json { found.account.write(domains: found.domains, to: &$0) }
    }
}

extension Account {
    /// - Parameter domains: the names of its live domains.
    fileprivate func write(domains: [String], to writer: inout JSONWriter) {
        writer.object {
            $0.member("partner_ref", reference)
            $0.member("domains", domains)
            $0.member("status", status.rawValue)
            $0.member("created_at", createdAt.description)
        }
    }
}

extension AccountController {
    private static let listDocumentation = Documentation(
        "Accounts, newest first",
        query: [
            .init(
                name: "status", schema: .words(Account.Status.self), description: "Only these: blocked and warning are the review queue."),
            Documentation.Parameter.page[0],
            .init(name: "after", schema: .string, description: "The partner_ref of the last account of the page before."),
        ],
        .json(.ok, "The accounts.", .array(.reference("Account"))))

    private static let findDocumentation = Documentation("An account", .json(.ok, "The account.", .reference("Account")))

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "Account",
            .object([
                .init("partner_ref", .string), .init("domains", .array(.string)), .init("status", .words(Account.Status.self)),
                .init("created_at", .time),
            ])
        )
    ]
}
