import Logging
import MailModel
import Storage
import TestSupport
import Testing

@testable import Access

/// People: invitations, sign-ins, second factors, roles and their ends.
@Suite(.timeLimit(.minutes(2)))
struct PeopleTests {
    /// The services of people over one database, with a cheap hash.
    struct People {
        let store: Store
        let clock: TestClock
        let uptime: TestUptime
        let passwords: PasswordWorker
        let signIns: SignInService
        let users: UserService
        let profiles: ProfileService
        let devices: DeviceSignInService
        let sessions: SessionService
        let authenticator: Authenticator
        let keys: KeyService

        init(store: Store, clock: TestClock, sender: EmailAddress? = nil, requiresSecondFactor: Bool = false) {
            self.store = store
            self.clock = clock
            let uptime = TestUptime()
            self.uptime = uptime
            passwords = PasswordWorker(cost: PasswordCost(logN: 4, parallelism: 1))
            let secrets = SecretBox(key: Array(repeating: 7, count: SecretBox.keyLength))
            signIns = SignInService(store: store, passwords: passwords, secrets: secrets, uptime: { uptime.now })
            users = UserService(
                store: store, passwords: passwords, settings: PeopleSettings(sender: sender, baseURL: "https://mail.example"))
            profiles = ProfileService(signIns: signIns)
            devices = DeviceSignInService(store: store)
            authenticator = Authenticator(
                store: store, masterToken: "master", secrets: secrets, requiresSecondFactor: requiresSecondFactor)
            sessions = SessionService(store: store, authenticator: authenticator)
            keys = KeyService(store: store, authenticator: authenticator)
        }

        static let password = "correct horse battery"

        /// Invites a person, and has it choose a password.
        func join(_ address: String, _ role: String, of reference: String? = nil, by principal: Principal = .master) async throws -> User {
            if let reference { _ = try await store.write { try $0.accounts.findOrInsert(reference: reference) } }
            let invited = try await users.invite(
                EmailAddress(address), name: nil, role: role, accountReference: reference, by: principal)
            let token = try #require(invited.link?.split(separator: "/").last)
            return try await users.redeem(token: String(token), password: Self.password, from: "192.0.2.1")
        }

        func attempt(
            _ address: String, _ password: String = password, code: String? = nil, device: String? = nil, from client: String = "192.0.2.1"
        ) -> SignInAttempt {
            SignInAttempt(
                address: address, password: password, code: code, device: device, clientAddress: client, clientName: "Firefox")
        }

        /// The principal of a new session.
        func principal(_ address: String) async throws -> Principal {
            let begun = try await signIns.signIn(attempt(address))
            return try #require(try await sessions.session(secret: begun.secret, from: "192.0.2.1")).principal
        }

        func code(of body: () async throws -> Void) async -> RefusalCode? {
            do { try await body() } catch let refusal as Refusal { return refusal.code } catch {}
            return nil
        }

        /// Sets a second factor up, and returns it with its recovery codes.
        func secondFactor(of person: SignedInUser) async throws -> (TOTP, [String]) {
            let totp = try await profiles.beginSecondFactor(of: person)
            let codes = try await profiles.confirmSecondFactor(
                code: totp.code(of: TOTP.step(at: clock.now)), of: person, from: "192.0.2.1")
            return (totp, codes)
        }
    }

    private func withPeople(
        sender: EmailAddress? = nil, requiresSecondFactor: Bool = false, _ body: (People) async throws -> Void
    ) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            try await body(People(store: store, clock: clock, sender: sender, requiresSecondFactor: requiresSecondFactor))
        }
    }

    @Test func `An invitation works once, and leads to a session that knows the person`() async throws {
        try await withPeople { people in
            let invited = try await people.users.invite(
                EmailAddress("ann@shop.example"), name: "Ann", role: "owner", accountReference: nil, by: .master)
            let token = String(try #require(invited.link?.split(separator: "/").last))
            #expect(invited.link == "https://mail.example/dashboard/invitations/\(token)")
            #expect(await people.code { _ = try await people.signIns.signIn(people.attempt("ann@shop.example")) } == .signInFailed)
            for weak in ["short", "aaaaaaaaaaaaaaa", "1qaz2wsx3edc", "ann@shop.example1"] {
                let code = await people.code { _ = try await people.users.redeem(token: token, password: weak, from: "192.0.2.1") }
                #expect(code == .invalidValue, "\(weak)")
            }
            let ann = try await people.users.redeem(token: token, password: People.password, from: "192.0.2.1")
            #expect(ann.status == .active && ann.role == .owner && ann.account == nil)
            let again = await people.code { _ = try await people.users.redeem(token: token, password: People.password, from: "192.0.2.1") }
            #expect(again == .notFound)
            let begun = try await people.signIns.signIn(people.attempt("ANN@shop.example"))
            let session = try #require(try await people.sessions.session(secret: begun.secret, from: "192.0.2.9"))
            #expect(session.principal.person?.user.id == ann.id && session.principal.may(.domainsControl))
            let rows = try await people.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 10) }
            #expect(rows.map(\.action) == ["session.create", "user.join", "user.invite"])
            let actor = AuditActor(
                kind: .user, id: ann.id, name: "Ann", address: "192.0.2.1", factor: "password", sessionID: begun.person.session.id)
            #expect(rows.first?.actor == actor)
        }
    }

    @Test func `With a sender the link is mailed and not answered`() async throws {
        try await withPeople(sender: EmailAddress("martlet@mail.example")) { people in
            let invited = try await people.users.invite(
                EmailAddress("ann@shop.example"), name: "Ann", role: "owner", accountReference: nil, by: .master)
            #expect(invited.link == nil)
            try await people.users.requestReset(of: EmailAddress("nobody@shop.example"))
            let waiting = try await people.store.read { try $0.users.list(of: nil, limit: 10) }
            #expect(waiting.count == 1)
        }
    }

    @Test func `A sign-in takes the same work whether somebody has the address or not`() async throws {
        try await withPeople { people in
            _ = try await people.join("ann@shop.example", "owner")
            for address in ["ann@shop.example", "nobody@shop.example", "no address"] {
                let before = people.passwords.derivations
                let code = await people.code { _ = try await people.signIns.signIn(people.attempt(address, "wrong password")) }
                #expect(code == .signInFailed && people.passwords.derivations == before + 1, "\(address)")
            }
        }
    }

    @Test func `Guesses are delayed, by address and by account, and a known browser is not`() async throws {
        try await withPeople { people in
            _ = try await people.join("ann@shop.example", "owner")
            let device = try await people.signIns.signIn(people.attempt("ann@shop.example")).device
            for number in 0..<5 {
                let guess = people.attempt("ann@shop.example", "guess \(number)", from: "198.51.100.\(number)")
                #expect(await people.code { _ = try await people.signIns.signIn(guess) } == .signInFailed)
            }
            let stranger = people.attempt("ann@shop.example", from: "203.0.113.1")
            #expect(await people.code { _ = try await people.signIns.signIn(stranger) } == .tooManyFailures)
            let forged = people.attempt("ann@shop.example", device: String(device.reversed()), from: "203.0.113.1")
            #expect(await people.code { _ = try await people.signIns.signIn(forged) } == .tooManyFailures)
            _ = try await people.signIns.signIn(people.attempt("ann@shop.example", device: device, from: "203.0.113.1"))
            people.uptime.advance(by: .seconds(2))
            _ = try await people.signIns.signIn(stranger)
            for number in 0..<10 {
                let guess = people.attempt("p\(number)@shop.example", "guess", from: "192.0.2.77")
                #expect(await people.code { _ = try await people.signIns.signIn(guess) } == .signInFailed)
            }
            let next = people.attempt("other@shop.example", from: "192.0.2.77")
            #expect(await people.code { _ = try await people.signIns.signIn(next) } == .tooManyFailures)
        }
    }

    @Test func `A code of the second factor works once, and so does a recovery code`() async throws {
        try await withPeople { people in
            _ = try await people.join("ann@shop.example", "owner")
            let person = try #require(try await people.principal("ann@shop.example").person)
            let (totp, codes) = try await people.secondFactor(of: person)
            #expect(codes.count == 10)
            #expect(await people.code { _ = try await people.signIns.signIn(people.attempt("ann@shop.example")) } == .codeRequired)
            // The code that confirmed the factor is used up.
            let used = totp.code(of: TOTP.step(at: people.clock.now))
            let first = people.attempt("ann@shop.example", code: used)
            #expect(await people.code { _ = try await people.signIns.signIn(first) } == .signInFailed)
            people.clock.advance(by: .seconds(30))
            let present = people.attempt("ann@shop.example", code: totp.code(of: TOTP.step(at: people.clock.now)))
            #expect(try await people.signIns.signIn(present).person.session.factor == .code)
            #expect(await people.code { _ = try await people.signIns.signIn(present) } == .signInFailed)
            let recovery = people.attempt("ann@shop.example", code: codes[0].uppercased())
            #expect(try await people.signIns.signIn(recovery).person.session.factor == .recoveryCode)
            #expect(await people.code { _ = try await people.signIns.signIn(recovery) } == .signInFailed)
        }
    }

    @Test func `A dangerous action asks again after ten minutes`() async throws {
        try await withPeople { people in
            _ = try await people.join("ann@shop.example", "owner")
            let begun = try await people.signIns.signIn(people.attempt("ann@shop.example"))
            func person() async throws -> SignedInUser {
                try #require(try await people.sessions.session(secret: begun.secret, from: "192.0.2.1")?.principal.person)
            }
            try people.profiles.checkConfirmed(try await person())
            people.clock.advance(by: .seconds(600))
            let late = try await person()
            #expect(await people.code { try people.profiles.checkConfirmed(late) } == .confirmationRequired)
            #expect(await people.code { try await people.signIns.stepUp(late, password: "wrong", code: nil) } == .signInFailed)
            try await people.signIns.stepUp(late, password: People.password, code: nil)
            try people.profiles.checkConfirmed(try await person())
        }
    }

    @Test func `A changed role holds at once in every session, and a disabled person has none`() async throws {
        try await withPeople { people in
            _ = try await people.join("root@shop.example", "owner")
            let ben = try await people.join("ben@shop.example", "admin")
            let begun = try await people.signIns.signIn(people.attempt("ben@shop.example"))
            let (secret, userCode) = try await people.devices.begin(name: "laptop", from: "192.0.2.1")
            #expect(try await people.devices.complete(secret: secret) == nil)
            try await people.devices.confirm(userCode: userCode.lowercased(), by: begun.person)
            let token = try #require(try await people.devices.complete(secret: secret)).token
            #expect(await people.code { _ = try await people.devices.complete(secret: secret) } == .notFound)
            func callers() async throws -> [Principal] {
                [
                    try #require(try await people.sessions.session(secret: begun.secret, from: "192.0.2.1")).principal,
                    try await people.authenticator.authenticate(token: token, from: "192.0.2.1"),
                ]
            }
            #expect(try await callers().allSatisfy { $0.may(.domainsControl) })
            _ = try await people.users.update(ben.id, role: "support", by: .master)
            #expect(try await callers().allSatisfy { !$0.may(.domainsControl) && $0.may(.suppressionsLift) })
            _ = try await people.users.update(ben.id, isActive: false, by: .master)
            #expect(try await people.sessions.session(secret: begun.secret, from: "192.0.2.1") == nil)
            await #expect(throws: AuthenticationError.self) { try await people.authenticator.authenticate(token: token, from: "192.0.2.1") }
            #expect(await people.code { _ = try await people.signIns.signIn(people.attempt("ben@shop.example")) } == .signInFailed)
        }
    }

    @Test func `One owner remains, and only owners make owners`() async throws {
        try await withPeople { people in
            let root = try await people.join("root@shop.example", "owner")
            _ = try await people.join("ben@shop.example", "admin")
            let (owner, admin) = (try await people.principal("root@shop.example"), try await people.principal("ben@shop.example"))
            for change in [
                { _ = try await people.users.update(root.id, role: "admin", by: owner) },
                { _ = try await people.users.update(root.id, isActive: false, by: .master) },
                { try await people.users.delete(root.id, by: owner) },
            ] as [() async throws -> Void] {
                #expect(await people.code(of: change) == .conflict)
            }
            #expect(await people.code { _ = try await people.users.update(root.id, name: "x", by: admin) } == .exceedsOwnRights)
            let invite = await people.code {
                _ = try await people.users.invite(
                    EmailAddress("c@shop.example"), name: nil, role: "owner", accountReference: nil, by: admin)
            }
            #expect(invite == .exceedsOwnRights)
            _ = try await people.join("second@shop.example", "owner", by: owner)
            _ = try await people.users.update(root.id, role: "admin", by: owner)
            // The session of before is judged by the new role.
            let late = await people.code {
                _ = try await people.users.invite(
                    EmailAddress("d@shop.example"), name: nil, role: "owner", accountReference: nil, by: owner)
            }
            #expect(late == .exceedsOwnRights)
        }
    }

    @Test func `An account's admin sees and makes people of the account alone`() async throws {
        try await withPeople { people in
            let root = try await people.join("root@shop.example", "owner")
            let ada = try await people.join("ada@acme.example", "admin", of: "acme")
            let bob = try await people.join("bob@other.example", "admin", of: "other")
            let admin = try await people.principal("ada@acme.example")
            #expect(admin.accountID == ada.account?.id)
            _ = try await people.join("dev@acme.example", "developer", by: admin)
            #expect(try await people.users.list(by: admin).map(\.role) == [.accountAdmin, .developer])
            for other in [root, bob] {
                #expect(await people.code { _ = try await people.users.find(other.id, by: admin) } == .notFound)
                #expect(await people.code { try await people.users.delete(other.id, by: admin) } == .notFound)
                #expect(await people.code { _ = try await people.users.sessions(of: other.id, by: admin) } == .notFound)
            }
            for (role, reference) in [("support", nil), ("viewer", "other")] as [(String, String?)] {
                let code = await people.code {
                    _ = try await people.users.invite(
                        EmailAddress("x@acme.example"), name: nil, role: role, accountReference: reference, by: admin)
                }
                #expect(code == (reference == nil ? .invalidValue : .notFound))
            }
            let developer = try await people.principal("dev@acme.example")
            #expect(await people.code { _ = try await people.users.list(by: developer) } == .roleMissing)
        }
    }

    @Test func `A developer's keys can do no more than the developer`() async throws {
        try await withPeople { people in
            _ = try await people.join("dev@acme.example", "developer", of: "acme")
            let developer = try await people.principal("dev@acme.example")
            #expect(Role.developer.grantableScopes == [.send, .read] && Role.accountAdmin.grantableScopes == Set(Scope.allCases))
            let key = try await people.keys.create(NewKey(name: "app"), by: developer).key
            #expect(key.scopes == [.send, .read] && key.account.reference == "acme")
            let code = await people.code { _ = try await people.keys.create(NewKey(name: "app", scopes: [.manage]), by: developer) }
            #expect(code == .exceedsOwnRights)
        }
    }

    @Test func `Where a second factor is required, a person without one may only set it up`() async throws {
        try await withPeople(requiresSecondFactor: true) { people in
            _ = try await people.join("ann@shop.example", "owner")
            let principal = try await people.principal("ann@shop.example")
            #expect(principal.refusal(of: .domainsRead)?.code == .secondFactorRequired && principal.may(.profileManage))
            let (totp, _) = try await people.secondFactor(of: try #require(principal.person))
            people.clock.advance(by: .seconds(30))
            let attempt = people.attempt("ann@shop.example", code: totp.code(of: TOTP.step(at: people.clock.now)))
            let begun = try await people.signIns.signIn(attempt)
            #expect(try await people.sessions.session(secret: begun.secret, from: "192.0.2.1")?.principal.may(.domainsRead) == true)
        }
    }

    @Test func `A provider's person is found, linked or made, and loses the role with the group`() async throws {
        try await withPeople { people in
            let root = try await people.join("root@shop.example", "owner")
            let identity = ProviderIdentity(issuer: "https://id.example", subject: "1")
            var signIn = ProviderSignIn(identity: identity, address: nil, name: "Root")
            #expect(await people.code { _ = try await people.signIns.signIn(signIn, from: "192.0.2.1") } == .signInFailed)
            signIn.address = root.address
            #expect(try await people.signIns.signIn(signIn, from: "192.0.2.1").person.user.id == root.id)
            // Another one at the provider with the same address is not the same person.
            signIn.identity.subject = "2"
            #expect(await people.code { _ = try await people.signIns.signIn(signIn, from: "192.0.2.1") } == .signInFailed)
            var cid = ProviderSignIn(
                identity: ProviderIdentity(issuer: "https://id.example", subject: "3"), address: EmailAddress(validated: "c@shop.example"),
                name: "Cid", providerSession: "s1", role: .support, hasMappedRoles: true, mayCreate: true)
            let begun = try await people.signIns.signIn(cid, from: "192.0.2.1")
            #expect(begun.person.user.role == .support && begun.person.session.factor == .provider)
            try await people.signIns.endSessions(of: cid.identity, providerSession: "s1")
            #expect(try await people.sessions.session(secret: begun.secret, from: "192.0.2.1") == nil)
            cid.role = .admin
            #expect(try await people.signIns.signIn(cid, from: "192.0.2.1").person.user.role == .admin)
            cid.role = nil
            let lost = cid
            #expect(await people.code { _ = try await people.signIns.signIn(lost, from: "192.0.2.1") } == .signInFailed)
            #expect(try await people.users.find(begun.person.user.id, by: .master).status == .disabled)
        }
    }
}

/// Codes by the time: the vectors of RFC 6238 appendix B, for SHA-1.
struct TOTPTests {
    @Test(arguments: [
        (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ])
    func `the vectors of RFC 6238`(seconds: Int64, code: String) {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let step = TOTP.step(at: Timestamp(milliseconds: seconds * 1000))
        #expect(totp.code(of: step, digits: 8) == code)
        #expect(totp.code(of: step) == code.suffix(6))
    }

    @Test func `the clock may be off by one step, and a step is used once`() {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let now = Timestamp(milliseconds: 1_111_111_111_000)
        let step = TOTP.step(at: now)
        for (offset, isAccepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] as [(Int64, Bool)] {
            #expect((totp.step(of: totp.code(of: step + offset), at: now, after: 0) != nil) == isAccepted)
        }
        #expect(totp.step(of: totp.code(of: step), at: now, after: step) == nil)
    }

    @Test func `a hash has its parameters in it, and no other password matches`() throws {
        let hash = try PasswordHash(of: "correct horse battery", cost: PasswordCost(logN: 4, parallelism: 2))
        let stored = try #require(PasswordHash(hash.text))
        #expect(hash.text.hasPrefix("scrypt$4$8$2$"))
        #expect(try stored.matches("correct horse battery") && !(stored.matches("correct horse batterY")))
        for broken in ["", "scrypt$4$8$2$00", "scrypt$99$8$2$00$00", "bcrypt$4$8$2$00$00", "scrypt$4$8$2$0g$00"] {
            #expect(PasswordHash(broken) == nil)
        }
    }
}
