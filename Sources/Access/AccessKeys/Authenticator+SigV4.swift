package import AmazonSES
package import MailModel
import Storage
import Synchronization

extension Authenticator {
    /// AWS's name of the service in the scope of signatures, of both versions of the API.
    private static let service = "ses"

    /// Returns the caller who has signed a request of the API of SES with an access key.
    ///
    /// - Parameter address: the client's address without the port, by which failures are counted.
    /// - Throws: ``AuthenticationError``, and `StorageError`.
    package func authenticate(_ request: SigV4Request, from address: String) async throws -> Principal {
        let network = ClientNetwork(address)
        let authorization: SigV4Authorization
        do throws(SigV4Fault) {
            authorization = try SigV4Authorization(request)
        } catch {
            throw lookups.failure(AuthenticationError.Reason(error), of: network)
        }
        // No token has the form of this text, so that neither is taken for the other.
        let attempt = AuthenticationThrottle.Attempt(token: TokenHash("\u{0}\(authorization.accessKeyID)"), network: network)
        let key = try await lookups.run(attempt) {
            try await self.key(signing: request, authorization, from: address)
        }
        try checkRate(of: key)
        return Principal(.client(key), address: address)
    }

    private func key(signing request: SigV4Request, _ authorization: SigV4Authorization, from address: String) async throws -> APIKey {
        guard let found = try await accessKey(authorization.accessKeyID), request.header("x-amz-security-token") == nil else {
            throw AuthenticationError(reason: .unknownKey)
        }
        if let fault = found.fault(at: store.now) { throw AuthenticationError(reason: fault) }
        guard authorization.service == Self.service else {
            throw AuthenticationError(reason: .wrongSignature("Credential should be scoped to correct service: '\(Self.service)'."))
        }
        let credentials = AWSCredentials(accessKeyID: authorization.accessKeyID, secretAccessKey: found.signingSecret ?? "")
        let key = SigningKey(
            credentials: credentials, day: authorization.day, region: authorization.region, service: authorization.service)
        do throws(SigV4Fault) {
            try SigV4Verifier.check(request, authorization, with: key, at: store.now)
        } catch {
            throw AuthenticationError(reason: .init(error))
        }
        guard found.key.bounds.allowUse(from: address) else { throw AuthenticationError(reason: .addressNotAllowed) }
        cache.withLock { $0.recordUse(of: found, at: store.now) }
        return found.key
    }

    /// Returns the key of an access key with its secret; `nil` for an unknown one.
    ///
    /// - Throws: ``UnreadableSecret`` where `secrets.key` is not the one that the secret was sealed with.
    private func accessKey(_ id: String) async throws -> FoundKey? {
        let now = store.now
        let (cached, generation) = cache.withLock { ($0.accessKey(id, at: now), $0.generation) }
        if let cached { return cached }
        guard AccessKey.isID(id), let (key, sealed, expiresAt) = try await store.read({ try $0.keys.find(accessKeyID: id) }) else {
            return nil
        }
        guard let secret = secrets?.open(sealed, for: id) else { throw UnreadableSecret(accessKeyID: id) }
        let found = FoundKey(key: key, tokenExpiresAt: expiresAt, signingSecret: secret)
        cache.withLock { $0.add(found, accessKeyID: id, at: now, generation: generation) }
        return found
    }
}

/// The secret of an access key cannot be opened: `secrets.key` is missing, or another one than at the time when the key was made.
package struct UnreadableSecret: Error, CustomStringConvertible {
    let accessKeyID: String

    /// What to do about it.
    package var description: String {
        "The secret of access key \(accessKeyID) cannot be opened: secrets.key is not set, or not the one it was made with"
    }
}

extension AuthenticationError.Reason {
    fileprivate init(_ fault: SigV4Fault) {
        self =
            switch fault {
            case .missing: .missingSignature
            case .incomplete(let text): .incompleteSignature(text)
            case .mismatch(let text): .wrongSignature(text)
            case .expired(let text): .signatureExpired(text)
            }
    }
}
