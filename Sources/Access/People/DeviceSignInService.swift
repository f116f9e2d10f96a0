package import MailModel
package import Storage

/// Signs programs in as a person (`martlet login`; after RFC 8628): the program shows a short code, the person confirms it in a browser, and the
/// program gets a personal key.
package final class DeviceSignInService: Sendable {
    private let store: Store

    /// The most sign-ins that wait at a time.
    private static let maximum = 1000
    /// Without vowels, so that no words come of it, and without what looks alike.
    private static let letters = Array("BCDFGHJKLMNPQRSTVWXZ")

    /// - Parameter store: where the sign-ins wait.
    package init(store: Store) {
        self.store = store
    }

    /// Begins a sign-in.
    ///
    /// - Parameter name: the program, in its own words.
    /// - Returns: the secret by which the program asks again, and the code that it shows.
    package func begin(name: String, from address: String) async throws -> (secret: String, userCode: String) {
        let secret = Token.secret()
        let code = String((0..<8).compactMap { _ in Self.letters.randomElement() })
        let signIn = DeviceSignIn(userCode: code, name: String(name.prefix(200)), address: address, createdAt: store.now)
        let hash = TokenHash(secret).bytes
        let isBegun = try await store.write { tx in
            try !tx.deviceSignIns.hasAtLeast(Self.maximum) && tx.deviceSignIns.insert(signIn, secretHash: hash)
        }
        guard isBegun else { throw Refusal(.unavailable, "Too many programs wait for a confirmation", retryAfter: .seconds(60)) }
        return (secret, code)
    }

    /// Returns the sign-in of a code that waits for a confirmation, however the code is typed; `nil` when there is none.
    package func find(userCode: String) async throws -> DeviceSignIn? {
        let code = Self.normalized(userCode)
        let found = try await store.read { try $0.deviceSignIns.find(userCode: code) }
        return found?.userID == nil ? found : nil
    }

    /// Confirms a sign-in: the program acts as the person from then on.
    ///
    /// - Throws: ``Refusal`` for an unknown code, and for a person who may not act at all.
    package func confirm(userCode: String, by person: SignedInUser) async throws {
        if let refusal = Principal.user(person).refusal(of: .profileManage) { throw refusal }
        let code = Self.normalized(userCode)
        let isConfirmed = try await store.write { try $0.deviceSignIns.confirm(userCode: code, by: person.user.id) }
        guard isConfirmed else { throw Refusal.notFound("Code") }
    }

    /// Refuses a sign-in.
    package func refuse(userCode: String) async throws {
        let code = Self.normalized(userCode)
        _ = try await store.write { try $0.deviceSignIns.delete(userCode: code) }
    }

    /// Returns the personal key of a sign-in that was confirmed, once; `nil` as long as it waits.
    ///
    /// - Throws: ``Refusal`` where it has expired, was refused, or is not known.
    package func complete(secret: String) async throws -> (person: SignedInUser, token: String)? {
        let token = Token.make()
        let (hash, tokenHash) = (TokenHash(secret).bytes, TokenHash(token).bytes)
        let outcome = try await store.write { tx -> Outcome in
            guard let signIn = try tx.deviceSignIns.find(secretHash: hash) else { return .unknown }
            guard let userID = signIn.userID else { return .waiting }
            guard try tx.deviceSignIns.delete(userCode: signIn.userCode) else { return .unknown }
            let begin = BeginSession(
                userID: userID, kind: .key, name: signIn.name, address: signIn.address, factor: .key, lifetime: UserSession.keyLifetime,
                secretHash: tokenHash)
            return try begin.run(in: tx).map(Outcome.done) ?? .unknown
        }
        switch outcome {
        case .waiting: return nil
        case .unknown: throw Refusal(.notFound, "The sign-in has expired, or was refused")
        case .done(let person): return (person, token)
        }
    }

    private enum Outcome: Sendable {
        case waiting, unknown
        case done(SignedInUser)
    }

    private static func normalized(_ code: String) -> String { code.uppercased().filter { $0.isLetter } }
}
