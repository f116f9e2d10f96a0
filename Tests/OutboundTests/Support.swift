import AmazonSES
import DNS
import Logging
import MailModel
import Outbound
import Storage
import Synchronization

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

extension Principal {
    /// A key of the account with that domain.
    static func client(of domain: SendingDomain) -> Principal {
        let account = Account(id: domain.accountID, reference: "acme", status: .ok, createdAt: domain.createdAt)
        return .client(
            APIKey(id: 1, account: account, name: "ops", scopes: Set(Scope.allCases), expiresAt: nil, createdAt: domain.createdAt))
    }
}

extension DomainService {
    /// Resets the month, and collects what the answer reports.
    func resetMonthly() async throws -> (frozen: [FrozenEntry], count: Int64) {
        var frozen: [FrozenEntry] = []
        let count = try await resetMonthly(by: .master) { frozen += $0 }
        return (frozen, count)
    }
}

extension VerificationService {
    /// A service for which every proof is in the DNS.
    convenience init(store: Store, identities: any SESIdentities) {
        self.init(store: store, identities: identities, proof: .simulated)
    }
}

/// Why a call was refused; `nil` when it was not.
func refusal<Value>(of call: () async throws -> Value) async throws -> Refusal? {
    do {
        _ = try await call()
        return nil
    } catch let error as Refusal {
        return error
    }
}

/// A fake of SES with configurable answers, which records the calls.
final class FakeIdentities: SESIdentities {
    private struct State {
        var identity = SESVerification.Status.success
        var dkim = SESVerification.Status.success
        var addresses: [EmailAddress: SESVerification.Status] = [:]
        var mailFrom: DomainName?
        var error: SESError?
        var dkimError: SESError?
        var calls: [String] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var calls: [String] { state.withLock { $0.calls } }

    func answer(identity: SESVerification.Status, dkim: SESVerification.Status) {
        state.withLock { ($0.identity, $0.dkim) = (identity, dkim) }
    }

    /// Fails every call, or only those about DKIM.
    func fail(_ error: SESError?, dkimOnly: Bool = false) {
        state.withLock { ($0.error, $0.dkimError) = (dkimOnly ? nil : error, error) }
    }

    /// Holds calls back until ``release()``.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func release() {
        let held = state.withLock { state in
            defer { (state.held, state.isHeld) = ([], false) }
            return state.held
        }
        for call in held { call.resume() }
    }

    func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String {
        try await record("verify \(domain)")
        return "token-of-\(domain)"
    }

    func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String] {
        try await record("dkim \(domain)", isDKIM: true)
        return ["one", "two", "three"]
    }

    func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await record("status \(domain)")
        return state.withLock { $0.identity }
    }

    func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await record("dkim-status \(domain)", isDKIM: true)
        return state.withLock { $0.dkim }
    }

    /// Sets the status of an address; `nil`: SES does not know it.
    func answer(_ status: SESVerification.Status?, for address: String) {
        state.withLock { $0.addresses[EmailAddress(validated: address)] = status }
    }

    func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity {
        try await record("identity \(domain)")
        return DomainIdentity(
            verificationToken: "token-of-\(domain)", dkimTokens: ["one", "two", "three"], mailFrom: state.withLock { $0.mailFrom })
    }

    func answer(mailFrom: DomainName?) {
        state.withLock { $0.mailFrom = mailFrom }
    }

    func setMailFrom(_ mailFrom: DomainName?, of domain: DomainName) async throws(SESError) {
        try await record("mail-from \(domain) \(mailFrom?.description ?? "-")")
        state.withLock { $0.mailFrom = mailFrom }
    }

    let feedbackServer = "feedback-smtp.eu-west-1.amazonses.com"

    func verifyEmailIdentity(_ address: EmailAddress) async throws(SESError) {
        try await record("mail \(address)")
        state.withLock { $0.addresses[address] = $0.addresses[address] ?? .pending }
    }

    func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status] {
        try await record("statuses \(addresses.map(\.description).joined(separator: " "))")
        return state.withLock { state in state.addresses.filter { addresses.contains($0.key) } }
    }

    func deleteIdentity(_ domain: DomainName) async throws(SESError) {
        try await record("delete \(domain)")
    }

    func deleteIdentity(_ address: EmailAddress) async throws(SESError) {
        try await record("delete \(address)")
        state.withLock { $0.addresses[address] = nil }
    }

    private func record(_ call: String, isDKIM: Bool = false) async throws(SESError) {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                state.calls.append(call)
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        if let error = state.withLock({ isDKIM ? $0.dkimError : $0.error }) { throw error }
    }
}

extension SESError {
    static let throttled = SESError(code: "Throttling", message: "Rate exceeded", httpStatus: 400, outcome: .retry)
    static let refused = SESError(code: "InvalidParameterValue", message: "Invalid domain name", httpStatus: 400, outcome: .permanent)
}

/// A fake of the DNS, which records the questions.
final class FakeRecords: Sendable {
    private struct State {
        var texts: [String: [String]] = [:]
        var failures = 0
        var asked: [String] = []
    }

    private let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }

    func set(_ texts: [String], for name: String) {
        state.withLock { $0.texts[name] = texts }
    }

    /// Lets the next questions go without an answer.
    func fail(times: Int) {
        state.withLock { $0.failures = times }
    }

    func answer(_ name: String) async -> DNSAnswer {
        state.withLock { state in
            state.asked.append(name)
            if state.failures > 0 {
                state.failures -= 1
                return .failed(.serverFailure)
            }
            return state.texts[name].map { .records($0.map(DNSRecord.txt)) } ?? .noSuchName
        }
    }
}
