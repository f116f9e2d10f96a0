import MailModel
import Testing

/// The table of rights, and how it answers.
struct RightsTests {
    private static let account = Account(id: 7, reference: "acme", status: .ok, createdAt: Timestamp(milliseconds: 0))

    private static func client(_ scopes: Set<Scope>) -> Principal {
        .client(APIKey(id: 1, account: account, name: "Ann", scopes: scopes, expiresAt: nil, createdAt: Timestamp(milliseconds: 0)))
    }

    @Test(arguments: Action.allCases)
    func `the master may do everything but what only a person can do of itself`(_ action: Action) {
        #expect(Principal.master.may(action) == (action != .profileManage))
        #expect((Principal.master.refusal(of: action) == nil) == (action != .profileManage))
    }

    private static func person(_ role: Role, _ status: User.Status = .active, needsSecondFactor: Bool = false) -> Principal {
        let now = Timestamp(milliseconds: 0)
        let user = User(
            id: 3, address: EmailAddress(validated: "ann@shop.example"), name: "Ann", role: role,
            account: role.place == .account ? account : nil, status: status, createdAt: now)
        let session = UserSession(
            id: 4, userID: 3, kind: .browser, name: "", address: "", factor: .password, confirmedAt: now, createdAt: now, usedAt: now,
            expiresAt: now + .seconds(60))
        return .user(SignedInUser(user: user, session: session, needsSecondFactor: needsSecondFactor))
    }

    @Test(arguments: Role.allCases)
    func `a person may do what the role holds, and nothing when disabled`(_ role: Role) {
        for action in Action.allCases {
            let holds = action.holders.contains(.role(role))
            #expect(Self.person(role).may(action) == holds, "\(action.rawValue)")
            #expect((Self.person(role).refusal(of: action) == nil) == holds)
            #expect(!Self.person(role, .disabled).may(action) && !Self.person(role, .invited).may(action))
            #expect(Self.person(role, needsSecondFactor: true).may(action) == (action == .profileManage))
        }
        #expect(RightsHolder.role(role).reach == (role.place == .operator ? .all : .own))
        #expect(Self.person(role).accountID == (role.place == .operator ? nil : 7))
    }

    @Test(arguments: [
        (
            Role.support, [Action.suppressionsLift, .emailsRead, .keysRead, .accountsRead],
            [Action.callbacksSecret, .suppressionsAdd, .billingRead]
        ),
        (.billing, [.billingRead, .usageRead], [.emailsRead, .keysRead, .suppressionsLift]),
        (.developer, [.emailsSend, .templatesManage, .callbacksManage, .keysManage], [.domainsLimits, .accountsContacts, .usersRead]),
        (.viewer, [.emailsRead], [.emailsSend, .keysRead]),
    ])
    func `what the contract says of roles`(_ role: Role, _ allowed: [Action], _ refused: [Action]) {
        #expect(allowed.allSatisfy(Self.person(role).may) && !refused.contains(where: Self.person(role).may))
    }

    @Test func `only owners make owners, and an account's admin makes no operator`() {
        #expect(Role.owner.mayGive(.owner) && !Role.admin.mayGive(.owner) && Role.admin.mayGive(.admin))
        #expect(Role.accountAdmin.mayGive(.developer) && !Role.accountAdmin.mayGive(.support))
        #expect([Role.support, .billing, .developer, .viewer].allSatisfy { role in !Role.allCases.contains(where: role.mayGive) })
        #expect(Role(named: "admin", at: .account) == .accountAdmin && Role(named: "owner", at: .account) == nil)
    }

    @Test(arguments: Action.allCases)
    func `a key may do what one of its scopes holds`(_ action: Action) {
        for scope in Scope.allCases {
            #expect(Self.client([scope]).may(action) == action.holders.contains(.key(scope)))
            #expect(Self.client([scope]).may(action) == (action.scope == scope))
        }
        #expect(Self.client(Set(Scope.allCases)).may(action) == (action.scope != nil))
        #expect(!Self.client([]).may(action))
    }

    @Test func `a refusal names what is missing`() {
        let reader = Self.client([.read])
        #expect(reader.refusal(of: .emailsRead) == nil)
        #expect(reader.refusal(of: .emailsSend) == Refusal(.forbidden, code: .scopeMissing, "The API key lacks the scope send"))
        #expect(reader.refusal(of: .domainsControl) == Refusal(.forbidden, code: .masterRequired, "Master token required"))
    }

    @Test func `the words are unique, and of the form subject.verb`() {
        #expect(Set(Action.allCases.map(\.rawValue)).count == Action.allCases.count)
        for action in Action.allCases {
            #expect(action.rawValue.wholeMatch(of: /[a-z]+\.[a-z]+/) != nil, "\(action.rawValue)")
        }
    }

    /// What belongs to others does not exist for keys; the master acts for all.
    @Test func reach() {
        #expect(RightsHolder.master.reach == .all && Principal.master.accountID == nil)
        #expect(Scope.allCases.allSatisfy { RightsHolder.key($0).reach == .own })
        #expect(Self.client([.read]).accountID == 7)
        #expect(Self.client([.read]).mayAccess(account: 7) && !Self.client([.read]).mayAccess(account: 8))
        #expect(Principal.master.mayAccess(account: 8))
    }

    /// The address says where a caller is, not who it is.
    @Test func `a caller is the same from every address`() {
        #expect(Principal.master.calling(from: "192.0.2.1").isMaster)
        #expect(Principal.master.calling(from: "192.0.2.1").identity == Principal.master.identity)
        #expect(Self.client([.send]).calling(from: "192.0.2.1").address == "192.0.2.1")
        #expect(!Self.client(Set(Scope.allCases)).isMaster)
    }
}
