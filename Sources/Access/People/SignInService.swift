import Crypto
import Encoding
package import MailModel
package import Storage
import Synchronization

/// What people try to sign in with, and from where.
package struct SignInAttempt: Sendable {
    /// The address, as it was typed.
    package var address: String
    /// The password.
    package var password: String
    /// The code of the second factor or a recovery code; `nil` where the person was not asked for one yet.
    package var code: String?
    /// The cookie of a browser from which somebody has signed in before; `nil` where it has none.
    package var device: String?
    /// The client's address, without its port.
    package var clientAddress: String
    /// The browser, in its own words.
    package var clientName: String

    /// An attempt of these values.
    package init(
        address: String, password: String, code: String? = nil, device: String? = nil, clientAddress: String, clientName: String = ""
    ) {
        self.address = address
        self.password = password
        self.code = code
        self.device = device
        self.clientAddress = clientAddress
        self.clientName = clientName
    }
}

/// A session that has begun: only here are its secrets returned.
package struct BegunSession: Sendable {
    /// The person with the session.
    package let person: SignedInUser
    /// The content of the session's cookie.
    package let secret: String
    /// The content of the cookie by which the browser is known at the next sign-in; empty where it gets none.
    package let device: String
}

/// Signs people in (specification 2.12): by address and password, with a second factor where one is set up, or by a provider.
///
/// Whether somebody has an address is told neither by an answer nor by the work that it takes.
package final class SignInService: Sendable {
    let store: Store
    let passwords: PasswordWorker
    let secrets: SecretBox?
    private let throttle = Mutex(SignInThrottle())
    private let deviceKey = Mutex<[UInt8]?>(nil)
    private let uptime: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - secrets: opens the secrets of second factors; `nil`: there are none.
    ///   - uptime: a monotonic clock, for the throttle.
    package init(
        store: Store, passwords: PasswordWorker, secrets: SecretBox?, uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        self.passwords = passwords
        self.secrets = secrets
        self.uptime = uptime
    }

    /// Begins a session for the person who has an address and its password.
    ///
    /// - Throws: ``Refusal``: `sign_in_failed` whatever was wrong, `code_required` where all was right but for a code that was not given, 429
    ///   with the time to wait, and 503 where too many sign in at this moment.
    package func signIn(_ attempt: SignInAttempt) async throws -> BegunSession {
        let buckets = try await buckets(of: attempt)
        try admit(buckets)
        let (user, credentials) = try await store.read { try Self.find(attempt.address, in: $0) }
        let isRight: Bool
        do {
            isRight = try await passwords.verify(attempt.password, against: credentials?.password)
        } catch {
            // The password was not looked at.
            succeed(buckets)
            throw error
        }
        guard isRight, let user, user.status == .active, let credentials else { throw Self.failure }
        let factor = try await factor(of: user, credentials, attempt.code, buckets)
        succeed(buckets)
        return try await begin(user, by: factor, of: attempt)
    }

    private static let failure = Refusal(.unauthenticated, code: .signInFailed, "Address, password or code is wrong")

    private static func find(_ address: String, in tx: ReadTransaction) throws -> (User?, UserCredentials?) {
        guard let address = try? EmailAddress(address), let user = try tx.users.find(address: address) else { return (nil, nil) }
        return (user, try tx.users.credentials(of: user.id))
    }

    /// Checks the code where there is a second factor.
    private func factor(
        of user: User, _ credentials: UserCredentials, _ code: String?, _ buckets: [SignInThrottle.Bucket]
    ) async throws -> UserSession.Factor {
        guard user.hasSecondFactor else { return .password }
        guard let code, !code.isEmpty else {
            succeed(buckets)
            throw Refusal(.unauthenticated, code: .codeRequired, "A code of the second factor is needed")
        }
        guard let factor = try await use(code, of: user, credentials) else { throw Self.failure }
        return factor
    }

    /// Uses a code or a recovery code up; `nil` for a wrong one.
    func use(_ code: String, of user: User, _ credentials: UserCredentials) async throws -> UserSession.Factor? {
        if let totp = totp(credentials.sealedSecret, of: user), let step = totp.step(of: code, at: store.now, after: credentials.lastStep) {
            return try await store.write { try $0.users.useStep(step, of: user.id) } ? .code : nil
        }
        let hash = RecoveryCode.hash(code)
        return try await store.write { try $0.users.useRecoveryCode(hash, of: user.id) } ? .recoveryCode : nil
    }

    /// Opens a sealed secret; `nil` where there is none, or `secrets.key` is another one.
    func totp(_ sealed: [UInt8]?, of user: User) -> TOTP? {
        guard let sealed, let text = secrets?.open(sealed, for: Self.secretName(of: user)) else { return nil }
        return Base32.decode(text).map(TOTP.init)
    }

    static func secretName(of user: User) -> String { "totp:\(user.id)" }

    private func begin(_ user: User, by factor: UserSession.Factor, of attempt: SignInAttempt) async throws -> BegunSession {
        let device = try await self.device(for: user.address.suppressionKey)
        return try await begin(
            user, by: factor, from: attempt.clientAddress, name: attempt.clientName, lifetime: UserSession.lifetime, device: device)
    }

    /// Begins a session of a browser for a person who is known by now.
    func begin(
        _ user: User, by factor: UserSession.Factor, from address: String, name: String, providerSession: String? = nil,
        lifetime: Duration, device: String = ""
    ) async throws -> BegunSession {
        let secret = SessionSecret()
        let command = BeginSession(
            userID: user.id, kind: .browser, name: String(name.prefix(200)), address: address, factor: factor,
            providerSession: providerSession, lifetime: lifetime, secretHash: secret.hash)
        let person = try await store.write { try command.run(in: $0) }
        guard let person else { throw Self.failure }
        return BegunSession(person: person, secret: secret.text, device: device)
    }

    /// Has a person prove again who it is, for dangerous actions: by a code where there is a second factor, else by the password.
    ///
    /// - Throws: ``Refusal`` as ``signIn(_:)``.
    package func stepUp(_ person: SignedInUser, password: String?, code: String?) async throws {
        if person.user.hasSecondFactor {
            try await check(person) { [self] credentials in
                try await use(code ?? "", of: person.user, credentials) != nil
            }
        } else {
            try await checkPassword(password ?? "", of: person)
        }
        try await store.write { try $0.userSessions.confirm(person.session.id) }
    }

    /// Checks the present password of a person.
    ///
    /// - Throws: ``Refusal`` as ``signIn(_:)``.
    func checkPassword(_ password: String, of person: SignedInUser) async throws {
        try await check(person) { [self] credentials in
            try await passwords.verify(password, against: credentials.password)
        }
    }

    private func check(_ person: SignedInUser, _ isRight: (UserCredentials) async throws -> Bool) async throws {
        let buckets: [SignInThrottle.Bucket] = [.device(TokenHash("session:\(person.session.id)"))]
        try admit(buckets)
        guard let credentials = try await store.read({ try $0.users.credentials(of: person.user.id) }),
            try await isRight(credentials)
        else { throw Self.failure }
        succeed(buckets)
    }
}

// The throttle, and the browsers that are known.
extension SignInService {
    private func buckets(of attempt: SignInAttempt) async throws -> [SignInThrottle.Bucket] {
        let key = attempt.address.lowercased().filter { !$0.isWhitespace }
        if let device = attempt.device, try await isDevice(device, of: key) { return [.device(TokenHash(device))] }
        return [.network(ClientNetwork(attempt.clientAddress)), .account(TokenHash(key))]
    }

    func admit(_ buckets: [SignInThrottle.Bucket]) throws(Refusal) {
        let now = uptime()
        guard let wait = throttle.withLock({ $0.admit(buckets, at: now) }) else { return }
        throw Refusal(.tooManyFailures, "Too many failed sign-ins, try again later", retryAfter: .seconds(wait))
    }

    func succeed(_ buckets: [SignInThrottle.Bucket]) {
        let now = uptime()
        throttle.withLock { $0.succeed(buckets, at: now) }
    }

    /// Returns the cookie of a browser from which the person of an address has signed in.
    private func device(for key: String) async throws -> String {
        let nonce = Hexadecimal.encode([UInt8].random(count: 16))
        let signature = try await signature(of: nonce, key)
        return nonce + "." + Hexadecimal.encode(signature)
    }

    private func isDevice(_ cookie: String, of key: String) async throws -> Bool {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].utf8.count == 32 else { return false }
        let expected = Hexadecimal.encode(try await signature(of: parts[0], key))
        return TokenHash(expected) == TokenHash(parts[1])
    }

    private func signature(of nonce: String, _ key: String) async throws -> [UInt8] {
        let secret = try await deviceSecret()
        return Array(HMAC<SHA256>.authenticationCode(for: Array("\(nonce) \(key)".utf8), using: SymmetricKey(data: secret)))
    }

    private func deviceSecret() async throws -> [UInt8] {
        if let known = deviceKey.withLock({ $0 }) { return known }
        let candidate = [UInt8].random(count: 32)
        let secret = try await store.write { try $0.secrets.findOrInsert(named: "devices", candidate: candidate) }
        deviceKey.withLock { $0 = secret }
        return secret
    }
}

/// Begins a session, unless the person was disabled or deleted a moment ago.
struct BeginSession: Sendable {
    let userID: Int64
    let kind: UserSession.Kind
    let name: String
    let address: String
    let factor: UserSession.Factor
    var providerSession: String?
    let lifetime: Duration
    let secretHash: [UInt8]

    func run(in tx: Transaction) throws -> SignedInUser? {
        guard let user = try tx.users.findForUpdate(userID), user.status == .active else { return nil }
        let session = try tx.userSessions.insert(
            of: userID, kind: kind, name: name, address: address, factor: factor, providerSession: providerSession, lifetime: lifetime,
            secretHash: secretHash)
        try tx.users.recordSignIn(of: userID)
        let person = SignedInUser(user: user, session: session)
        let change = AuditChange(
            .sessionCreate, target: kind == .key ? .user(userID) : .dashboard, account: user.account?.id,
            after: ["kind": .string(kind.rawValue), "expires_at": .optional(session.expiresAt)])
        try tx.audit.insert(change, by: .principal(Principal(.user(person), address: address)))
        return person
    }
}
