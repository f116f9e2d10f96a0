package import CoreMetrics
package import MailModel
package import Storage

/// Takes emails in: validates, asks the gate, counts, and answers when the email is durable (specification 5).
package final class Submission: Sendable {
    /// An email that was taken in.
    package struct Acceptance: Sendable {
        package var email: Email
        /// What became of the email's copies so far.
        package var copies: [EmailID: EmailStatus] = [:]
        /// What the sender should know: a soft limit that is exceeded, or why the email is not sent.
        package var note: String?
        /// With an idempotency key: which request was answered first, and when. Email, copies and note are as they were then.
        package var firstAnswer: FirstAnswer?
    }

    /// How long an idempotency key is remembered.
    static let idempotencyWindow: Duration = .seconds(24 * 3600)

    let store: Store
    private let gate: Gate
    private let hygiene: RecipientChecks
    private let limits: SubmissionLimits
    let metrics: SubmissionMetrics

    /// - Parameters:
    ///   - hygiene: looks at recipients before they are written to.
    ///   - limits: how large an email may be, and how far ahead.
    ///   - metrics: where emails are counted.
    package init(
        store: Store, gate: Gate, hygiene: RecipientChecks = .off, limits: SubmissionLimits = SubmissionLimits(),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.store = store
        self.gate = gate
        self.hygiene = hygiene
        self.limits = limits
        self.metrics = SubmissionMetrics(metrics)
    }

    /// Accepts one email, and its copies with it: all or none.
    ///
    /// - Parameters:
    ///   - principal: the sender. The master sends for the account that owns the sender's domain.
    ///   - alongside: what else is to be written in the same transaction, when the email is accepted.
    /// - Throws: ``SubmissionRefusal``, or what storage could not do.
    package func accept(
        _ request: EmailRequest, by principal: Principal,
        alongside: @escaping @Sendable (WriteContext, Email) throws -> Void = { _, _ in }
    ) async throws -> Acceptance {
        let candidate = try await candidate(request, by: principal)
        let result = try await store.write(.emails(of: candidate.draft.sender.domain, to: candidate.addresses)) { context in
            // A refusal is a result, not an error: an error would make the whole batch run again.
            let outcome = try candidate.run(in: context)
            if case .success(let acceptance) = outcome { try alongside(context, acceptance.email) }
            return outcome
        }
        metrics.count(result, of: candidate)
        return try result.get()
    }

    /// Validates a request, and looks at its recipients.
    ///
    /// - Throws: ``SubmissionRefusal``, or what storage could not do.
    func candidate(_ request: EmailRequest, by principal: Principal) async throws -> AcceptEmail {
        let template = try await template(for: request, by: principal)
        let draft: ValidatedEmail
        do throws(SubmissionRefusal) {
            draft = try ValidatedEmail(request, template, at: store.now, limits: limits)
        } catch {
            metrics.count(error)
            throw error
        }
        var command = AcceptEmail(
            draft: draft, finding: await hygiene.look(at: draft.places), id: EmailID(at: store.now), principal: principal,
            idempotency: request.idempotencyKey.map { key in
                AcceptEmail.Idempotency(key: key, fingerprint: request.fingerprint, transactionID: request.transactionID)
            }, gate: gate)
        command.giveIDs()
        if template == nil { command.unknownTemplate = request.template }
        return command
    }

    /// The template that a request names, of the account that it would be sent for; `nil` where there is none.
    private func template(for request: EmailRequest, by principal: Principal) async throws -> EmailTemplate? {
        guard let name = request.template, let sender = try? EmailAddress(request.from) else { return nil }
        return try await store.read { [gate] context in
            let license = try SenderAuthorization(sender, principal: principal, gate: gate, in: context)
            return try license.flatMap { try context.template(name, of: $0.accountID) }
        }
    }
}
