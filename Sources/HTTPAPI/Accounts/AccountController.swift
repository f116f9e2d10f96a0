import Hummingbird
import MailModel
import Storage
import Web

/// `/accounts`: the customers, for the master (specification 2.4).
struct AccountController: Sendable {
    let store: Store

    var operations: [Operation] {
        [
            Operation(.get, "/accounts", .accountsRead, Self.listDocumentation, list),
            Operation(.get, "/accounts/{ref}", .accountsRead, Self.findDocumentation, find),
        ]
    }

    private typealias Listed = (account: Account, domains: [String])

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let after = request.query["after"]
        let status: Account.Status? = try request.query.choice("status")
        let found = try await store.read { tx -> [Listed]? in
            guard let after else { return try tx.accounts.list(status, after: nil, limit: limit + 1) }
            guard let last = try tx.accounts.find(reference: after) else { return nil }
            return try tx.accounts.list(status, after: last.id, limit: limit + 1)
        }
        guard let found else { throw APIError.invalid("after", "expected the partner_ref of an account") }
        return .array(request, of: found, limit: limit, next: \.account.reference, write: AccountResources.account.write)
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let reference = try request.parameter("ref")
        let found = try await store.read { tx -> Listed? in
            guard let account = try tx.accounts.find(reference: reference) else { return nil }
            return (account, try tx.domains.listNames(of: account.id))
        }
        guard let found else { throw APIError.notFound("Account") }
        return .json { AccountResources.account.write(found, to: &$0) }
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
        .page("The accounts.", of: AccountResources.account.reference))

    private static let findDocumentation = Documentation("An account", .json(.ok, "The account.", AccountResources.account.reference))
}
