package import Concurrency
package import CoreMetrics
package import MailModel
package import Storage
package import Telemetry

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
        /// With an idempotency key: which request was answered first, and when.
        ///
        /// Email, copies and note are as they were then.
        package var firstAnswer: FirstAnswer?
        /// The memory of texts that were made of a template or variables; held as long as the acceptance is.
        package var memory: MemoryReservation?
    }

    /// How long an idempotency key is stored.
    static let idempotencyWindow: Duration = .seconds(24 * 3600)

    let store: Store
    let gate: Gate
    let recipientChecks: RecipientChecks
    let limits: SubmissionLimits
    private let memory: MemoryBudget
    let metrics: SubmissionMetrics
    /// The latest refusals, those of requests included that an interface could not read.
    package let refusals: RefusalLog
    private let tracer: SpanTracer?

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - gate: the rules by which a domain may send.
    ///   - recipientChecks: the checks of recipients before an email is accepted.
    ///   - limits: how large an email may be, and how far ahead it may be scheduled.
    ///   - memory: what requests may hold in memory; texts that are made of templates and variables count.
    ///   - metrics: the factory of the counters of accepted and refused emails.
    ///   - refusals: the log of refusals; `nil`: one of its own, which is written when it is read.
    ///   - tracer: records the commits; `nil` where nothing is traced.
    package init(
        store: Store, gate: Gate, recipientChecks: RecipientChecks = .off, limits: SubmissionLimits = SubmissionLimits(),
        memory: MemoryBudget = MemoryBudget(bytes: 256 << 20), metrics: any MetricsFactory = MetricsSystem.factory,
        refusals: RefusalLog? = nil, tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.refusals = refusals ?? RefusalLog(store: store)
        self.store = store
        self.gate = gate
        self.recipientChecks = recipientChecks
        self.limits = limits
        self.memory = memory
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
        do {
            let acceptance = try await acceptUnrecorded(request, by: principal, alongside: alongside)
            return acceptance
        } catch let refusal as Refusal {
            refusals.record(refusal, of: request, by: principal)
            throw refusal
        }
    }

    private func acceptUnrecorded(
        _ request: EmailRequest, by principal: Principal, alongside: @escaping @Sendable (Transaction, Email) throws -> Void
    ) async throws -> Acceptance {
        let template = try await template(for: request, by: principal)
        // Only texts that are made of values need it.
        var memory: MemoryReservation?
        let validated = try validate(request, template) { bytes throws(Refusal) in
            let reservation = memory ?? self.reservation(for: principal)
            memory = reservation
            try Self.reserve(bytes, in: reservation)
        }
        let command = await command(for: request, validated, isKnown: template != nil, by: principal)
        let span = beginCommit(of: request.trace)
        defer { span?.finish() }
        let outcome = try await store.write(command.intent) { tx in
            let outcome = try command.run(in: tx)
            if case .success(let acceptance) = outcome { try alongside(tx, acceptance.email) }
            return outcome
        }
        metrics.count(outcome, of: command)
        var acceptance = try outcome.get()
        acceptance.memory = memory
        return acceptance
    }

    /// Accepts one email and its copies as ``accept(_:by:alongside:)`` does, without a task.
    ///
    /// - Parameter answer: called once, on the writer's thread, where this returns true.
    /// - Returns: false where something has to be looked up first, such as a template; nothing has happened then.
    /// - Throws: ``Refusal``
    package func accept(
        _ request: EmailRequest, by principal: Principal, answer: @escaping @Sendable (Result<Acceptance, any Error>) -> Void
    ) throws(Refusal) -> Bool {
        guard request.template == nil, request.variables == nil, recipientChecks.isOff else { return false }
        do throws(Refusal) {
            // Without variables no text is made.
            let validated = try validate(request, nil) { _ throws(Refusal) in }
            let command = command(for: request, validated, RecipientCheckResult(), isKnown: true, by: principal)
            let span = beginCommit(of: request.trace)
            store.write(command.intent, { try command.run(in: $0) }) { [metrics, refusals] result in
                span?.finish()
                answer(
                    result.flatMap { outcome in
                        metrics.count(outcome, of: command)
                        if case .failure(let refusal) = outcome { refusals.record(refusal, of: request, by: principal) }
                        return outcome.mapError { $0 }
                    })
            }
            return true
        } catch {
            refusals.record(error, of: request, by: principal)
            throw error
        }
    }

    /// Begins the span of a commit, from the wait for it until it is durable; `nil` where the request is not traced.
    ///
    /// - Parameter isFirst: whether a trace begins with it, because the interface begins none.
    func beginCommit(of trace: TraceContext?, isFirst: Bool = false) -> RecordedSpan? {
        guard let tracer, trace?.isSampled ?? isFirst else { return nil }
        let span = tracer.begin("commit", .local, below: trace)
        return span.isRecording ? span : nil
    }

    /// The memory of one request, nothing of it yet.
    func reservation(for principal: Principal) -> MemoryReservation {
        MemoryReservation(of: memory, for: .init(address: principal.clientAddress, account: principal.shareholder))
    }

    /// Reserves memory for texts that are about to be made.
    static func reserve(_ bytes: Int, in memory: MemoryReservation) throws(Refusal) {
        guard memory.grow(by: bytes) else {
            throw Refusal(
                .unavailable, "The requests of this moment hold all the memory that they may: try again in a second",
                retryAfter: .seconds(1))
        }
    }

    /// Validates a request, and fills its variables in.
    ///
    /// - Parameter reserve: asked for the memory of the filled texts before they are made, in bytes.
    func validate(
        _ request: EmailRequest, _ template: TemplateTexts?, reserve: (Int) throws(Refusal) -> Void
    ) throws(Refusal) -> ValidatedEmail {
        try counted { () throws(Refusal) in
            try ValidatedEmail(request, template, at: store.now, limits: limits, reserve: reserve)
        }
    }

    /// Runs a check, and counts its refusal.
    func counted<Value>(_ check: () throws(Refusal) -> Value) throws(Refusal) -> Value {
        do throws(Refusal) {
            return try check()
        } catch {
            metrics.count(error)
            throw error
        }
    }

    /// Checks the recipients of a validated request: what is left to do before the transaction.
    ///
    /// - Parameter isKnown: whether the account has the template that the request names.
    func command(for request: EmailRequest, _ validated: ValidatedEmail, isKnown: Bool, by principal: Principal) async -> AcceptEmail {
        let result = await recipientChecks.check(validated.recipients)
        return command(for: request, validated, result, isKnown: isKnown, by: principal)
    }

    private func command(
        for request: EmailRequest, _ validated: ValidatedEmail, _ result: RecipientCheckResult, isKnown: Bool, by principal: Principal
    ) -> AcceptEmail {
        var command = AcceptEmail(
            validated: validated, recipientCheck: result, id: EmailID(at: store.now), principal: principal,
            idempotency: request.idempotencyKey.map { key in
                AcceptEmail.Idempotency(key: key, fingerprint: request.fingerprint, transactionID: request.transactionID)
            }, gate: gate)
        command.assignCopyIDs()
        if !isKnown { command.unknownTemplate = request.template }
        return command
    }

    /// The template that a request names, of the account that it would be sent for; `nil` where there is no such template.
    func template(for request: EmailRequest, by principal: Principal) async throws -> TemplateTexts? {
        guard let name = request.template, let sender = request.sender else { return nil }
        let template = try await store.read { [gate] tx in
            let authorization = try SenderAuthorization(sender, principal: principal, gate: gate, in: tx)
            return try authorization.flatMap { try tx.templates.find(name, of: $0.accountID) }
        }
        return try template.map(TemplateTexts.init)
    }
}
