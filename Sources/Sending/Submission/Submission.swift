public import MailModel
public import Storage

/// Takes emails in: validates, asks the gate, counts, and answers when the email is durable (contract section 4).
public final class Submission: Sendable {
    /// An email that was taken in.
    public struct Acceptance: Sendable {
        public var email: Email
        /// What the sender should know: a soft limit that is exceeded, or why the email is not sent.
        public var note: String?
    }

    /// How long an idempotency key is remembered.
    static let idempotencyWindow: Duration = .seconds(24 * 3600)

    let store: Store
    private let gate: Gate
    private let hygiene: RecipientHygiene
    private let farthestSchedule: Duration

    /// - Parameters:
    ///   - hygiene: looks at recipients before they are written to.
    ///   - farthestSchedule: how far ahead an email may be scheduled.
    public init(store: Store, gate: Gate, hygiene: RecipientHygiene = .off, farthestSchedule: Duration = .seconds(30 * 86_400)) {
        self.store = store
        self.gate = gate
        self.hygiene = hygiene
        self.farthestSchedule = farthestSchedule
    }

    /// Accepts one email for one recipient.
    ///
    /// - Parameters:
    ///   - principal: the sender. The master sends for the account that owns the sender's domain.
    ///   - alongside: what else is to be written in the same transaction, when the email is accepted.
    /// - Throws: ``SubmissionRefusal``, or what storage could not do.
    public func accept(
        _ request: EmailRequest, by principal: Principal,
        alongside: @escaping @Sendable (WriteContext, Email) throws -> Void = { _, _ in }
    ) async throws -> Acceptance {
        let candidate = try await candidate(request, by: principal)
        let draft = candidate.draft
        let result = try await store.write(.emails(of: draft.sender.domain, to: [draft.recipient])) { context in
            // A refusal is a result, not an error: an error would make the whole batch run again.
            let outcome = try candidate.run(in: context)
            if case .success(let acceptance) = outcome { try alongside(context, acceptance.email) }
            return outcome
        }
        return try result.get()
    }

    /// Validates a request, and looks at its recipient.
    func candidate(_ request: EmailRequest, by principal: Principal) async throws(SubmissionRefusal) -> Admission {
        let draft = try Draft(request, at: store.now, farthest: farthestSchedule)
        return Admission(
            draft: draft, finding: await hygiene.look(at: draft.recipient), id: EmailID(at: store.now), principal: principal,
            idempotency: request.idempotencyKey.map { (key: $0, fingerprint: request.fingerprint) }, gate: gate)
    }
}
