import Hummingbird
import MailModel
import Outbound
import Storage
import Web

/// `/dashboard/senders`: single sender addresses.
struct SenderPages: Section {
    let store: Store
    let senders: SenderService

    private static let path = "/dashboard/senders"
    private static let pageSize = 50

    var pages: [Page] {
        [
            .get(Self.path, .sendersRead, list), .post(Self.path, .sendersManage, request),
            .post(Self.path + "/{email}/approve", .sendersApprove, approve), .post(Self.path + "/{email}/delete", .sendersManage, delete),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = request.query["after"]
        let found = try await senders.list(by: request.principal, of: request.account?.id, after: after, limit: Self.pageSize + 1)
        let names = request.showsAccounts ? try await accounts(of: found) : [:]
        return request.page(.senders, "Senders", SendersModel(found, names, isFirst: after == nil, request, pageSize: Self.pageSize))
    }

    /// Returns the references of the accounts, by their ids.
    private func accounts(of senders: [Sender]) async throws -> [Int64: String] {
        try await store.read { try $0.accounts.references(Set(senders.map(\.accountID))) }
    }

    private func request(_ request: DashboardRequest) async throws -> Response {
        let sender = try await senders.request(request.form["email"]?.trimmed ?? "", by: request.principal)
        return request.redirect(request.link(Self.path), saying: sender.word, tone: sender.status == .failed ? .warning : .good)
    }

    private func approve(_ request: DashboardRequest) async throws -> Response {
        let sender = try await senders.approve(try request.parameter("email"), by: request.principal)
        return request.redirect(request.link(Self.path), saying: sender.word)
    }

    private func delete(_ request: DashboardRequest) async throws -> Response {
        let email = try request.parameter("email")
        try await senders.delete(email, by: request.principal)
        return request.redirect(request.link(Self.path), saying: "\(email) is given up.")
    }
}

extension Sender {
    /// Its state in a sentence.
    fileprivate var word: String {
        switch status {
        case .requested: "\(address) waits for the operator."
        case .pending: "Amazon SES mails a link to \(address)."
        case .verified: "\(address) may be written from."
        case .failed: "Amazon SES did not verify \(address)."
        }
    }
}

extension Template {
    static let senders = Template(PackageResources.senders_mustache)
}
