import MailModel

/// The list of keys, and the form for a new one.
struct KeysModel: Sendable {
    struct Row: Sendable {
        let name: String
        let account: String
        let scopes: String
        let state: Badge
        let lastUsed: String
        let expires: String?
        let switchAction: String
        let switchValue: String
        let switchText: String
        let revoke: Confirmation
    }

    struct ScopeChoice: Sendable {
        let name: String
        let text: String
    }

    let rows: [Row]
    let hasRows: Bool
    let empty: EmptyState?
    let pager: Pager?
    let action: String
    let asksForAccount: Bool
    let scopes: [ScopeChoice]

    init(_ found: [APIKey], after: Int64?, _ request: DashboardRequest, pageSize: Int) {
        rows = found.prefix(pageSize).map { Row($0, request) }
        hasRows = !rows.isEmpty
        empty =
            hasRows
            ? nil
            : EmptyState(
                title: "No keys yet", hint: "Applications send with a key, and customers log in here with theirs. Create the first below.")
        pager = Pager(found, size: pageSize, isFirst: after == nil) { last in
            request.link("/dashboard/keys", ["after": last.map { String($0.id) }])
        }
        action = request.link("/dashboard/keys")
        asksForAccount = request.account == nil
        scopes = Scope.allCases.map { ScopeChoice(name: $0.rawValue, text: $0.words) }
    }
}

extension KeysModel.Row {
    fileprivate init(_ key: APIKey, _ request: DashboardRequest) {
        let path = "/dashboard/keys/\(key.id)"
        name = key.name
        account = key.account.reference
        scopes = Scope.allCases.filter(key.scopes.contains).map(\.rawValue).joined(separator: ", ")
        state = key.badge(at: request.now)
        lastUsed = key.lastUsedAt.map { Format.age(of: $0, at: request.now) } ?? "never"
        expires = key.expiresAt.map(Format.time)
        switchAction = request.link("\(path)/switch")
        switchValue = key.isActive ? "false" : "true"
        switchText = key.isActive ? "Switch off" : "Switch on"
        revoke = Confirmation(
            title: "Revoke…", text: "The key of \(key.name) (\(key.account.reference)) works no more, for good.", button: "Revoke key",
            action: request.link("\(path)/revoke"), isDangerous: true)
    }
}

extension APIKey {
    fileprivate func badge(at now: Timestamp) -> Badge {
        if !isActive { return Badge("Off", .neutral) }
        if let expiresAt, expiresAt <= now { return Badge("Expired", .warning) }
        return Badge("Active", .good)
    }
}

extension Scope {
    fileprivate var words: String {
        switch self {
        case .send: "Send emails"
        case .read: "Read, and look at this dashboard"
        case .manage: "Manage domains, senders, suppressions and callbacks"
        }
    }
}

/// A new key with its token.
struct CreatedKeyModel: Sendable {
    let token: CopyButton
    let name: String
    let account: String
    let list: String
}
