package import CoreMetrics
package import MailModel
package import Storage

/// Accepts emails: validates, asks the gate, counts, and returns when the email is durable (specification 5).
package final class Submission: Sendable {
    /// An email that was accepted.
    package struct Acceptance: Sendable {
        /// The email as stored.
        package var email: Email
        /// The present statuses of the email's copies.
        package var copies: [EmailID: EmailStatus] = [:]
        /// What the sender should know: a soft limit that is exceeded, or why the email is not sent.
        package var note: String?
        /// With an idempotency key: which request was answered first, and when. Email, copies and note are as they were then.
        package var firstAnswer: FirstAnswer?
    }

    /// How long an idempotency key is stored.
    static let idempotencyWindow: Duration = .seconds(24 * 3600)

    let store: Store
    private let gate: Gate
    private let recipientChecks: RecipientChecks
    private let limits: SubmissionLimits
    let metrics: SubmissionMetrics

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - gate: the rules by which a domain may send.
    ///   - recipientChecks: the checks of recipients before an email is accepted.
    ///   - limits: how large an email may be, and how far ahead it may be scheduled.
    ///   - metrics: the factory of the counters of accepted and refused emails.
    package init(
        store: Store, gate: Gate, recipientChecks: RecipientChecks = .off, limits: SubmissionLimits = SubmissionLimits(),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.store = store
        self.gate = gate
        self.recipientChecks = recipientChecks
        self.limits = limits
        self.metrics = SubmissionMetrics(metrics)
    }

    /// Accepts one email and its copies: all or none.
    ///
    /// - Parameters:
    ///   - principal: the sender. The master sends for the account that owns the sender's domain.
    ///   - alongside: what else to change in the same transaction, once the email is accepted.
    /// - Throws: ``Refusal``, or an error of the storage.
    package func accept(
        _ request: EmailRequest, by principal: Principal,
        alongside: @escaping @Sendable (Transaction, Email) throws -> Void = { _, _ in }
    ) async throws -> Acceptance {
        let command = try await command(for: request, by: principal)
        let outcome = try await store.write(.emails(of: command.validated.sender.domain, to: command.addresses)) { tx in
            let outcome = try command.run(in: tx)
            if case .success(let acceptance) = outcome { try alongside(tx, acceptance.email) }
            return outcome
        }
        metrics.count(outcome, of: command)
        return try outcome.get()
    }

    /// Validates a request and checks its recipients: what is done before the transaction.
    ///
    /// - Throws: ``Refusal``, or an error of the storage.
    func command(for request: EmailRequest, by principal: Principal) async throws -> AcceptEmail {
        let template = try await template(for: request, by: principal)
        let validated: ValidatedEmail
        do throws(Refusal) {
            validated = try ValidatedEmail(request, template, at: store.now, limits: limits)
        } catch {
            metrics.count(error)
            throw error
        }
        var command = AcceptEmail(
            validated: validated, recipientCheck: await recipientChecks.check(validated.recipients), id: EmailID(at: store.now),
            principal: principal,
            idempotency: request.idempotencyKey.map { key in
                AcceptEmail.Idempotency(key: key, fingerprint: request.fingerprint, transactionID: request.transactionID)
            }, gate: gate)
        command.assignCopyIDs()
        if template == nil { command.unknownTemplate = request.template }
        return command
    }

    /// The template that a request names, of the account that it would be sent for; `nil` where there is no such template.
    private func template(for request: EmailRequest, by principal: Principal) async throws -> EmailTemplate? {
        guard let name = request.template, let sender = try? EmailAddress(request.from) else { return nil }
        return try await store.read { [gate] tx in
            let authorization = try SenderAuthorization(sender, principal: principal, gate: gate, in: tx)
            return try authorization.flatMap { try tx.templates.find(name, of: $0.accountID) }
        }
    }
}
