import MailModel
import Storage

/// A link for a person, and the email that has it.
struct UserLetter: Sendable {
    let kind: UserLink.Kind
    let tokenHash: [UInt8]
    let link: String
    let sender: EmailAddress?

    /// Stores the link in place of earlier ones, and enqueues its email where there is a sender.
    func send(to user: User, in tx: Transaction) throws {
        _ = try tx.userLinks.insert(kind, of: user.id, tokenHash: tokenHash)
        if let sender { try UserMail(user: user, kind: kind, link: link).enqueue(from: sender, in: tx) }
    }
}

/// Invites a person.
///
/// Refusals are returned, not thrown: a command that throws makes its whole batch of the group commit run again.
struct InviteUser: Sendable {
    let address: EmailAddress
    let name: String
    let roleName: String
    let accountReference: String?
    let principal: Principal
    let letter: UserLetter

    func run(in tx: Transaction) throws -> Result<User, Refusal> {
        do { return .success(try invite(in: tx)) } catch let refusal as Refusal { return .failure(refusal) }
    }

    private func invite(in tx: Transaction) throws -> User {
        let giver = try principal.present(in: tx)
        let account = try account(in: tx)
        let role = try giver.role(named: roleName, at: account == nil ? .operator : .account)
        if let account { try tx.accounts.lock(account.id) }
        guard try !tx.users.hasAtLeast(UserService.maximum, accountID: account?.id) else {
            throw Refusal(.conflict, code: .limitReached, "There are \(UserService.maximum) people, the most that are allowed")
        }
        guard let user = try tx.users.insert(address, name: name, role: role, account: account, madeBy: principal.operatorName) else {
            throw Refusal(.alreadyExists, field: "email", "Somebody with this address exists already")
        }
        try letter.send(to: user, in: tx)
        try tx.audit.insert(
            AuditChange(.userInvite, target: .user(user.id), account: account?.id, after: user.auditValues), by: .principal(principal))
        return user
    }

    private func account(in tx: Transaction) throws -> Account? {
        if let own = principal.account {
            guard accountReference ?? own.reference == own.reference else { throw Refusal.notFound("Account") }
            return own
        }
        guard let accountReference else { return nil }
        guard let account = try tx.accounts.find(reference: accountReference) else { throw Refusal.notFound("Account") }
        return account
    }
}

/// A change of a person by somebody whose role may change people with that role.
struct ChangeUser: Sendable {
    let id: Int64
    let principal: Principal
    /// Makes the change; throws a ``Refusal`` only before it has changed anything.
    let change: @Sendable (User, Transaction) throws -> User

    init(id: Int64, principal: Principal, _ change: @escaping @Sendable (User, Transaction) throws -> User) {
        self.id = id
        self.principal = principal
        self.change = change
    }

    func run(in tx: Transaction) throws -> Result<User, Refusal> {
        do {
            let changer = try principal.present(in: tx)
            // Before the person itself: on every node owners are locked in the order of their ids.
            try tx.users.lockOwners()
            guard let user = try tx.users.findForUpdate(id), principal.mayAccess(user) else { throw Refusal.unknownUser }
            try changer.check(changing: user)
            return .success(try change(user, tx))
        } catch let refusal as Refusal {
            return .failure(refusal)
        }
    }
}

/// Changes name, role and status of a person.
struct UpdateUser: Sendable {
    let user: User
    let name: String?
    let role: String?
    let isActive: Bool?
    let principal: Principal

    func run(in tx: Transaction) throws -> User {
        var changes = UserChanges(name: name)
        if let role { changes.role = try principal.present(in: tx).role(named: role, at: user.role.place) }
        if let isActive, isActive != (user.status != .disabled) {
            let hasSignedIn = user.hasPassword || user.identity != nil
            changes.status = isActive ? (hasSignedIn ? .active : .invited) : .disabled
        }
        if changes.status == .disabled || changes.role.map({ $0 != .owner }) == true { try user.checkThatOwnerRemains(in: tx) }
        guard let changed = try tx.users.update(user.id, changes) else { throw Refusal.unknownUser }
        if changed.status == .disabled {
            try tx.userSessions.deleteAll(of: user.id)
            try tx.userLinks.deleteAll(of: user.id)
        }
        let action: AuditAction = changes.status.map { $0 == .disabled ? .userDisable : .userEnable } ?? .userUpdate
        let change = AuditChange(
            action, target: .user(user.id), account: user.account?.id, before: user.auditValues, after: changed.auditValues)
        if change.isChange { try tx.audit.insert(change, by: .principal(principal)) }
        return changed
    }
}

extension User {
    /// Throws a ``Refusal`` where the person is the last owner who signs in.
    func checkThatOwnerRemains(in tx: Transaction) throws {
        guard role == .owner, status == .active, try !tx.users.hasActiveOwner(besides: id) else { return }
        throw Refusal(.conflict, "This is the last owner; make another one first")
    }
}

extension Principal {
    /// Returns the caller as it is now: a person's role may have changed a moment ago.
    fileprivate func present(in tx: Transaction) throws -> Principal {
        var present = self
        if let person {
            guard let user = try tx.users.find(person.user.id) else { throw Refusal.unknownUser }
            present.identity = .user(SignedInUser(user: user, session: person.session, needsSecondFactor: person.needsSecondFactor))
        }
        if let refusal = present.refusal(of: .usersManage) { throw refusal }
        return present
    }

    /// Returns the role of a name, which the caller may give.
    fileprivate func role(named name: String, at place: Role.Place) throws(Refusal) -> Role {
        guard let role = Role(named: name, at: place) else {
            let names = Role.all(at: place).map(\.name).joined(separator: ", ")
            throw .invalid("role", "must be one of \(names)")
        }
        guard self.role?.mayGive(role) ?? true else {
            throw Refusal(.forbidden, code: .exceedsOwnRights, field: "role", "Your role may not give the role \(role.name)")
        }
        return role
    }

    /// Throws a ``Refusal`` where a person has a role that the caller may not give.
    fileprivate func check(changing user: User) throws(Refusal) {
        guard role?.mayGive(user.role) ?? true else {
            throw Refusal(.forbidden, code: .exceedsOwnRights, "Your role may not change somebody with the role \(user.role.name)")
        }
    }
}
