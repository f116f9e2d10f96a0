import Access
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
        /// The bounds of the key, each in a few words.
        let bounds: [String]
        /// Until when the token of before the last rotation is accepted.
        let oldToken: String?
        /// `nil` for a key with more rights than the customer's own.
        let actions: Actions?
    }

    struct Actions: Sendable {
        let switchAction: String
        let switchValue: String
        let switchText: String
        /// The key's, for the ids of its fields.
        let id: Int64
        let name: String
        let rotateAction: String
        let overlaps: [Choice]
        let revoke: Confirmation
    }

    struct ScopeChoice: Sendable {
        let name: String
        let text: String
    }

    let rows: [Row]
    let hasRows: Bool
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?
    let action: String
    let asksForAccount: Bool
    let scopes: [ScopeChoice]
    /// The bounds of the customer's own key, which a new one has too.
    let bounds: [String]
    let hasBounds: Bool

    init(_ found: [APIKey], after: Int64?, _ request: DashboardRequest, pageSize: Int) {
        let own = request.principal.keyRights
        rows = found.prefix(pageSize).map { Row($0, mayChange: own?.firstExceeded(by: $0.rights) == nil, request) }
        hasRows = !rows.isEmpty
        empty =
            hasRows
            ? nil
            : EmptyState(
                title: "No keys yet", hint: "Applications send with a key, and customers log in here with theirs. Create the first below.")
        pager = Pager(found, size: pageSize, isFirst: after == nil) { last in
            request.link("/dashboard/keys", ["after": last.map { String($0.id) }])
        }?.turned(by: request)
        csvHref = request.link(ExportPages.keys)
        action = request.link("/dashboard/keys")
        asksForAccount = request.account == nil
        scopes = Scope.allCases.filter { own?.scopes.contains($0) ?? true }.map { ScopeChoice(name: $0.rawValue, text: $0.words) }
        bounds = own.map { $0.bounds.words } ?? []
        hasBounds = !bounds.isEmpty
    }
}

extension KeysModel.Row {
    fileprivate init(_ key: APIKey, mayChange: Bool, _ request: DashboardRequest) {
        name = key.name
        account = key.account.reference
        scopes = Scope.allCases.filter(key.scopes.contains).map(\.rawValue).joined(separator: ", ")
        state = key.badge(at: request.now)
        lastUsed = key.lastUsedAt.map { Format.age(of: $0, at: request.now) } ?? "never"
        expires = key.expiresAt.map(Format.time)
        bounds = key.bounds.words
        oldToken = key.previousTokenExpiresAt.flatMap { $0 > request.now ? Format.time($0) : nil }
        actions = mayChange ? KeysModel.Actions(key, request) : nil
    }
}

extension KeysModel.Actions {
    /// How long an old token may live after a rotation, in hours.
    private static let overlaps = [(0, "ends at once"), (1, "lives for an hour"), (24, "lives for a day"), (168, "lives for a week")]

    fileprivate init(_ key: APIKey, _ request: DashboardRequest) {
        let path = "/dashboard/keys/\(key.id)"
        switchAction = request.link("\(path)/switch")
        switchValue = key.isActive ? "false" : "true"
        switchText = key.isActive ? "Switch off" : "Switch on"
        id = key.id
        name = key.name
        rotateAction = request.link("\(path)/rotate")
        overlaps = Self.overlaps.map { Choice(value: String($0.0), text: "The old token \($0.1)", isChosen: $0.0 == 0) }
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

extension KeyBounds {
    /// The most entries of a bound that are shown.
    private static let shown = 3

    /// Each bound that is set, in a few words.
    fileprivate var words: [String] {
        var words: [String] = []
        if !domains.isEmpty { words.append("sends from \(Self.list(domains))") }
        if !networks.isEmpty { words.append("used from \(Self.list(networks))") }
        if let rateLimit { words.append("\(rateLimit) a second") }
        return words
    }

    private static func list(_ entries: [some CustomStringConvertible]) -> String {
        let further = entries.count - shown
        return entries.prefix(shown).map(\.description).joined(separator: ", ") + (further > 0 ? " and \(further) more" : "")
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

/// A new key, or one that was rotated, with its token.
struct CreatedKeyModel: Sendable {
    let token: CopyButton
    /// The id and the secret of its access key for the API of SES; `nil` where it has none.
    let accessKey: AccessKeyView?
    let title: String
    let name: String
    let account: String
    let list: String
    /// Until when the old token is accepted, after a rotation.
    let oldToken: String?

    /// An access key with its secret.
    struct AccessKeyView: Sendable {
        let id: CopyButton
        let secret: CopyButton
    }

    init(_ created: IssuedKey, title: String, _ request: DashboardRequest) {
        let key = created.key
        token = CopyButton(text: created.token, name: "the token")
        accessKey = created.accessKey.map { access in
            AccessKeyView(
                id: CopyButton(text: access.id, name: "the id of the access key"),
                secret: CopyButton(text: access.secret, name: "the secret of the access key"))
        }
        self.title = title
        name = key.name
        account = key.account.reference
        list = request.link("/dashboard/keys")
        oldToken = key.previousTokenExpiresAt.flatMap { $0 > request.now ? Format.time($0) : nil }
    }
}
