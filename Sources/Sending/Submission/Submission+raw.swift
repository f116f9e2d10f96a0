package import MailModel
import Storage
import Telemetry

extension Submission {
    /// Accepts a message that is to be sent as it came, for all of its recipients or none (specification 5.14).
    ///
    /// - Parameter principal: the sender. The master sends for the account that owns the sender's domain.
    /// - Returns: the email to the first recipient; its copies stand in its content. Where every recipient was sent the message before, the email of then.
    /// - Throws: ``Refusal``, or an error of the storage.
    package func accept(_ raw: RawSubmission, by principal: Principal) async throws -> Acceptance {
        do {
            let acceptance = try await acceptUnrecorded(raw, by: principal)
            return acceptance
        } catch let refusal as Refusal {
            refusals.record(refusal, of: raw, by: principal)
            throw refusal
        }
    }

    private func acceptUnrecorded(_ raw: RawSubmission, by principal: Principal) async throws -> Acceptance {
        let memory = reservation(for: principal)
        // The message as it is stored; with other line ends it is made once more.
        try Self.reserve(raw.message.count * (raw.allowsBareLineFeeds ? 2 : 1), in: memory)
        let id = EmailID(at: store.now)
        let span = beginCommit(of: raw.trace, isFirst: raw.trace == nil)
        defer { span?.finish() }
        var raw = raw
        raw.trace = raw.trace ?? span?.trace
        let email = try counted { [raw] () throws(Refusal) in try RawEmail(raw, id: id, at: store.now, limits: limits) }
        let command = await command(for: email, raw, id: id, by: principal)
        let outcome = try await store.write(command.intent) { tx in try command.run(in: tx) }
        metrics.count(outcome, of: command)
        var acceptance = try outcome.get()
        acceptance.memory = memory
        return acceptance
    }

    /// Why a recipient of a raw message would be refused whatever the message is; `nil` where nothing is known against it.
    package func refusal(ofRecipient address: EmailAddress) async -> Refusal? {
        await recipientChecks.check([(address, "to")]).refusal
    }

    private func command(for email: RawEmail, _ raw: RawSubmission, id: EmailID, by principal: Principal) async -> AcceptEmail {
        let recipientCheck = await recipientChecks.check(email.validated.recipients)
        var command = AcceptEmail(
            validated: email.validated, recipientCheck: recipientCheck, id: id, principal: principal,
            idempotency: email.idempotencyKey.map {
                AcceptEmail.Idempotency(key: $0, fingerprint: raw.fingerprint, transactionID: raw.transactionID)
            }, gate: gate)
        if raw.repetitionWindow > .zero {
            command.repetition = AcceptEmail.Repetition(window: raw.repetitionWindow, keys: email.repetitionKeys(of: principal))
        }
        command.assignCopyIDs()
        return command
    }
}
