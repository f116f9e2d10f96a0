package import MailModel
package import Storage

/// How people are told of their links, and where these lead.
package struct PeopleSettings: Sendable {
    /// The sender of the emails (`notices.from`); `nil`: whoever makes a link gets it in the answer, to pass it on.
    package var sender: EmailAddress?
    /// The address of the dashboard, without a slash at its end.
    package var baseURL: String

    /// These settings.
    package init(sender: EmailAddress? = nil, baseURL: String) {
        self.sender = sender
        self.baseURL = baseURL
    }

    /// The address of a link's page.
    func page(_ kind: UserLink.Kind, token: String) -> String {
        let folder =
            switch kind {
            case .invitation: "invitations"
            case .reset: "reset"
            }
        return "\(baseURL)/dashboard/\(folder)/\(token)"
    }
}

/// A person for whom a link was made.
package struct LinkedUser: Sendable {
    /// The person.
    package let user: User
    /// The link, where it was not mailed.
    package let link: String?
}

/// Invites, lists, changes and removes people (specification 2.12): all of them at the operator's, those of its own account for an account's admin.
package final class UserService: Sendable {
    let store: Store
    let passwords: PasswordWorker
    let settings: PeopleSettings

    /// The most people of an account, and of the operator.
    package static let maximum = 500

    /// - Parameter passwords: hashes the passwords that people choose.
    package init(store: Store, passwords: PasswordWorker, settings: PeopleSettings) {
        self.store = store
        self.passwords = passwords
        self.settings = settings
    }

    /// Returns the same service with other settings.
    package func with(_ settings: PeopleSettings) -> UserService {
        UserService(store: store, passwords: passwords, settings: settings)
    }

    /// Returns people, in the order in which they were made.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all that the caller may see.
    ///   - after: begin behind the person of this id.
    package func list(of accountID: Int64? = nil, by principal: Principal, after: Int64? = nil, limit: Int = 1000) async throws -> [User] {
        if let refusal = principal.refusal(of: .usersRead) { throw refusal }
        return try await store.read { try $0.users.list(of: principal.accountID ?? accountID, after: after, limit: limit) }
    }

    /// Returns a person; for an account's admin only those of the account exist.
    package func find(_ id: Int64, by principal: Principal) async throws -> User {
        if let refusal = principal.refusal(of: .usersRead) { throw refusal }
        guard let user = try await store.read({ try $0.users.find(id) }), principal.mayAccess(user) else { throw Refusal.unknownUser }
        return user
    }

    /// Whether somebody owns the system: until then the master token invites the first owner.
    package func hasOwner() async throws -> Bool {
        try await store.read { try $0.users.hasOwner() }
    }

    /// Invites a person.
    ///
    /// - Parameters:
    ///   - role: its name, at the operator's or at the account.
    ///   - reference: the account; `nil` for the caller's own, or the operator's.
    package func invite(
        _ address: EmailAddress, name: String?, role: String, accountReference reference: String?, by principal: Principal
    ) async throws -> LinkedUser {
        let name = name ?? address.localPart
        try Self.check(name: name)
        let token = UserToken.make()
        let command = InviteUser(
            address: address, name: name, roleName: role, accountReference: reference, principal: principal,
            letter: letter(.invitation, token))
        let user = try await store.write { try command.run(in: $0) }.get()
        return linked(user, .invitation, token)
    }

    /// Makes a link for a new password, or a new invitation for somebody who has never signed in; earlier links end.
    package func reset(_ id: Int64, by principal: Principal) async throws -> LinkedUser {
        let token = UserToken.make()
        let (invitation, reset) = (letter(.invitation, token), letter(.reset, token))
        let command = ChangeUser(id: id, principal: principal) { user, tx in
            let letter = user.status == .invited ? invitation : reset
            try letter.send(to: user, in: tx)
            try tx.audit.insert(
                AuditChange(.userReset, target: .user(id), account: user.account?.id, after: ["link": .string(letter.kind.rawValue)]),
                by: .principal(principal))
            return user
        }
        let user = try await store.write { try command.run(in: $0) }.get()
        return linked(user, user.status == .invited ? .invitation : .reset, token)
    }

    /// Mails a link for a new password to whoever has an address; nothing tells whether somebody has.
    ///
    /// A person gets at most one such email in ten minutes.
    package func requestReset(of address: EmailAddress) async throws {
        guard settings.sender != nil else { return }
        let token = UserToken.make()
        let reset = letter(.reset, token)
        try await store.write { tx in
            guard let user = try tx.users.find(address: address), user.status == .active else { return }
            if let last = try tx.userLinks.newest(of: user.id), tx.now - last < .seconds(600) { return }
            try reset.send(to: user, in: tx)
            try tx.audit.insert(
                AuditChange(.userReset, target: .user(user.id), account: user.account?.id, after: ["link": "reset"]), by: .system)
        }
    }

    /// Changes a person: a role holds for the next request of every session, and who is disabled has none any more.
    ///
    /// - Parameters:
    ///   - role: the name of the new role, where the person works.
    ///   - isActive: whether the person may sign in.
    package func update(
        _ id: Int64, name: String? = nil, role: String? = nil, isActive: Bool? = nil, by principal: Principal
    ) async throws -> User {
        if let name { try Self.check(name: name) }
        let command = ChangeUser(id: id, principal: principal) { user, tx in
            try UpdateUser(user: user, name: name, role: role, isActive: isActive, principal: principal).run(in: tx)
        }
        return try await store.write { try command.run(in: $0) }.get()
    }

    /// Removes a person for good, with its sessions and personal keys.
    package func delete(_ id: Int64, by principal: Principal) async throws {
        let command = ChangeUser(id: id, principal: principal) { user, tx in
            try user.checkThatOwnerRemains(in: tx)
            guard try tx.users.delete(id) else { throw Refusal.unknownUser }
            try tx.audit.insert(
                AuditChange(.userDelete, target: .user(id), account: user.account?.id, before: user.auditValues),
                by: .principal(principal))
            return user
        }
        _ = try await store.write { try command.run(in: $0) }.get()
    }

    static func check(name: String) throws(Refusal) {
        guard (1...200).contains(name.unicodeScalars.count),
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw .invalid("name", "must be 1 to 200 characters without control characters") }
    }

    private func letter(_ kind: UserLink.Kind, _ token: String) -> UserLetter {
        UserLetter(
            kind: kind, tokenHash: UserToken.hash(token), link: settings.page(kind, token: token), sender: settings.sender)
    }

    private func linked(_ user: User, _ kind: UserLink.Kind, _ token: String) -> LinkedUser {
        LinkedUser(user: user, link: settings.sender == nil ? settings.page(kind, token: token) : nil)
    }
}

/// The tokens of links: 256 random bits.
enum UserToken {
    static func make() -> String { Token.secret() }

    static func hash(_ token: String) -> [UInt8] { TokenHash("link:" + token).bytes }
}

extension Principal {
    /// Whether a person exists for the caller: those of its account, or all for the operator.
    func mayAccess(_ user: User) -> Bool {
        accountID == nil || accountID == user.account?.id
    }
}

extension Refusal {
    static let unknownUser = Refusal.notFound("User")
}
