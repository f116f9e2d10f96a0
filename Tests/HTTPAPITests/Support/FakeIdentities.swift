import AmazonSES
import DNS
import MailModel
import Synchronization

/// A fake of SES's identities: knows a domain once it was asked to verify it, and answers `Pending` until a test sets another answer.
final class FakeIdentities: SESIdentities {
    private struct State {
        var identity = SESVerification.Status.pending
        var dkim = SESVerification.Status.pending
        var error: SESError?
        var known: Set<DomainName> = []
        var isAnswered = false
    }

    private let state = Mutex(State())

    func answer(identity: SESVerification.Status, dkim: SESVerification.Status) {
        state.withLock { ($0.identity, $0.dkim, $0.isAnswered) = (identity, dkim, true) }
    }

    func fail(_ error: SESError?) {
        state.withLock { $0.error = error }
    }

    private func current() throws(SESError) -> State {
        let state = state.withLock { $0 }
        if let error = state.error { throw error }
        return state
    }

    func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String {
        _ = try current()
        state.withLock { _ = $0.known.insert(domain) }
        return "token-of-\(domain)"
    }

    func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String] {
        _ = try current()
        return ["one", "two", "three"]
    }

    func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        let current = try current()
        return current.isAnswered || current.known.contains(domain) ? current.identity : .notStarted
    }

    func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try current().dkim
    }

    func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity {
        _ = try current()
        return DomainIdentity(verificationToken: "token-of-\(domain)", dkimTokens: ["one", "two", "three"])
    }

    func setMailFrom(_ mailFrom: DomainName?, of domain: DomainName) async throws(SESError) {
        _ = try current()
    }

    let feedbackServer = "feedback-smtp.eu-west-1.amazonses.com"

    func verifyEmailIdentity(_ address: EmailAddress) async throws(SESError) {
        _ = try current()
    }

    /// Addresses have the status of domains.
    func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status] {
        let status = try current().identity
        return Dictionary(addresses.map { ($0, status) }) { first, _ in first }
    }

    func deleteIdentity(_ domain: DomainName) async throws(SESError) {
        _ = try current()
        state.withLock { _ = $0.known.remove(domain) }
    }

    func deleteIdentity(_ address: EmailAddress) async throws(SESError) {
        _ = try current()
    }
}

/// A fake of the DNS with the records that prove claims.
final class FakeRecords: Sendable {
    private let texts = Mutex<[String: String]>([:])

    func set(_ text: String, for name: String) {
        texts.withLock { $0[name] = text }
    }

    func answer(_ name: String) -> DNSAnswer {
        texts.withLock { $0[name] }.map { .records([.txt($0)]) } ?? .noSuchName
    }
}
