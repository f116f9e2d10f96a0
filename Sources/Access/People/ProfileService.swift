import Encoding
package import MailModel
import Storage

/// What people change of themselves: the password, and the second factor (specification 2.12).
package final class ProfileService: Sendable {
    private let signIns: SignInService

    private var store: Store { signIns.store }

    /// - Parameter signIns: knows the passwords and the secrets of second factors.
    package init(signIns: SignInService) {
        self.signIns = signIns
    }

    /// Sets a new password; all other sessions end, personal keys too.
    ///
    /// - Throws: ``Refusal`` for a wrong present password, and for a new one that is too short or too common.
    package func changePassword(_ present: String, to new: String, by person: SignedInUser, from address: String) async throws {
        try await signIns.checkPassword(present, of: person)
        if let fault = PasswordRules.fault(of: new, for: person.user) { throw fault }
        let hash = try await signIns.passwords.hash(new)
        try await change(.userPassword, by: person, from: address) { tx in
            try tx.users.setPassword(hash, of: person.user.id)
            try tx.userSessions.deleteAll(of: person.user.id, besides: person.session.id)
            return true
        }
    }

    /// Returns a new second factor, which holds once its first code has confirmed it.
    ///
    /// - Throws: ``Refusal`` where the operator has set no `secrets.key`, and where there is one that has not been confirmed a moment ago.
    package func beginSecondFactor(of person: SignedInUser) async throws -> TOTP {
        guard let secrets = signIns.secrets else { throw Self.noSecretsKey }
        if person.user.hasSecondFactor { try checkConfirmed(person) }
        let totp = TOTP.make()
        let sealed = try secrets.seal(totp.text, for: SignInService.secretName(of: person.user))
        try await store.write { try $0.users.setPendingSecret(sealed, of: person.user.id) }
        return totp
    }

    private static let noSecretsKey = Refusal(
        .conflict, "A second factor needs secrets.key, which the operator has not set on this server")

    /// Takes the second factor that was shown into use.
    ///
    /// - Returns: the recovery codes, which are shown once.
    /// - Throws: ``Refusal`` for a wrong code.
    package func confirmSecondFactor(code: String, of person: SignedInUser, from address: String) async throws -> [String] {
        let user = person.user
        guard let credentials = try await store.read({ try $0.users.credentials(of: user.id) }),
            let sealed = credentials.sealedPendingSecret, let totp = signIns.totp(sealed, of: user),
            let step = totp.step(of: code, at: store.now, after: 0)
        else { throw Refusal(.invalid, field: "code", "The code is not the present one") }
        let codes = RecoveryCode.make()
        try await change(.userFactorAdd, by: person, from: address) { tx in
            guard try tx.users.confirmSecret(sealed, step: step, codes: codes.map(RecoveryCode.hash), of: user.id) else { return false }
            try tx.userSessions.confirm(person.session.id)
            return true
        }
        return codes
    }

    /// Takes one's own second factor off.
    ///
    /// - Throws: ``Refusal`` where the person has not proved who it is a moment ago.
    package func removeSecondFactor(of person: SignedInUser, from address: String) async throws {
        try checkConfirmed(person)
        try await change(.userFactorRemove, by: person, from: address) { tx in
            try tx.users.removeSecret(of: person.user.id)
            return true
        }
    }

    /// Throws `confirmation_required` where a person has not proved who it is within ten minutes.
    package func checkConfirmed(_ person: SignedInUser) throws(Refusal) {
        guard !person.session.isConfirmed(at: store.now) else { return }
        throw Refusal(.forbidden, code: .confirmationRequired, "Confirm that it is you")
    }

    /// Makes a change of a person with its row in the audit log.
    ///
    /// - Parameter body: returns false where nothing was changed.
    private func change(
        _ action: AuditAction, by person: SignedInUser, from address: String, _ body: @escaping @Sendable (Transaction) throws -> Bool
    ) async throws {
        let isDone = try await store.write { tx in
            guard try body(tx) else { return false }
            let change = AuditChange(action, target: .user(person.user.id), account: person.user.account?.id)
            try tx.audit.insert(change, by: .principal(Principal(.user(person), address: address)))
            return true
        }
        guard isDone else { throw Refusal(.conflict, "Another second factor was begun meanwhile") }
    }
}
