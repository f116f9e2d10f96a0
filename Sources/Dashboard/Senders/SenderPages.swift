import Hummingbird
import MailModel
import Outbound
import Storage
import Web

/// `/dashboard/senders`: single addresses to write from.
struct SenderPages: Section {
    let store: Store
    let senders: SenderService

    private static let path = "/dashboard/senders"
    private static let pageSize = 50

    var pages: [Page] {
        [
            .get(Self.path, .scope(.read), list), .post(Self.path, .scope(.manage), request),
            .post(Self.path + "/{email}/approve", .master, approve), .post(Self.path + "/{email}/delete", .scope(.manage), delete),
        ]
    }

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let after = visit.call.query["after"]
        let found = try await senders.list(by: visit.principal, of: visit.account?.id, after: after, limit: Self.pageSize + 1)
        let names = visit.showsAccounts ? try await accounts(of: found) : [:]
        return visit.page(.senders, "Senders", SendersModel(found, names, isFirst: after == nil, visit, pageSize: Self.pageSize))
    }

    /// The names of the accounts, by their ids.
    private func accounts(of senders: [Sender]) async throws -> [Int64: String] {
        try await store.read { context in
            try Set(senders.map(\.accountID)).reduce(into: [:]) { $0[$1] = try context.account($1)?.reference }
        }
    }

    private func request(_ visit: DashboardRequest) async throws -> Response {
        let sender = try await senders.request(visit.form["email"]?.trimmed ?? "", by: visit.principal)
        return visit.redirect(visit.link(Self.path), saying: sender.word, tone: sender.status == .failed ? .warning : .good)
    }

    private func approve(_ visit: DashboardRequest) async throws -> Response {
        let sender = try await senders.approve(try visit.parameter("email"))
        return visit.redirect(visit.link(Self.path), saying: sender.word)
    }

    private func delete(_ visit: DashboardRequest) async throws -> Response {
        let email = try visit.parameter("email")
        try await senders.delete(email, by: visit.principal)
        return visit.redirect(visit.link(Self.path), saying: "\(email) is given up.")
    }
}

extension Sender {
    /// How it stands, in a sentence.
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
