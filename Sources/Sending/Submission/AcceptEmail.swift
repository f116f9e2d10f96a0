import MailModel
import Storage

/// The part of an acceptance that happens within the transaction.
struct AcceptEmail: Sendable {
    var draft: ValidatedEmail
    var finding: RecipientChecks.Finding
    /// That of the email to the recipient in `to`.
    var id: EmailID
    var principal: Principal
    var idempotency: Idempotency?
    var gate: Gate
    /// The name that the request gives a template, where there is no such one.
    var unknownTemplate: String?

    /// What makes the request and its repetitions one.
    struct Idempotency: Sendable {
        var key: String
        var fingerprint: [UInt8]
        var transactionID: String
    }

    /// All recipients.
    var addresses: [EmailAddress] { draft.places.map(\.address) }

    /// Gives the copies ids of the same time as the email's: what belongs together lies in one partition.
    mutating func giveIDs() {
        guard !draft.copies.isEmpty else { return }
        draft.content.recipients = Recipients(
            to: draft.recipient, copies: draft.copies.map { EmailCopy(id: EmailID(at: id.time), address: $0.address, kind: $0.kind) })
    }

    typealias Outcome = Result<Submission.Acceptance, SubmissionRefusal>

    func run(in context: WriteContext) throws -> Outcome {
        // Before anything is looked at that may have changed since: the sender's domain, a template, the recipient.
        if let accountID = principal.accountID, let earlier = try earlierResult(of: accountID, in: context) { return earlier }
        guard let license = try SenderAuthorization(draft.sender, principal: principal, gate: gate, in: context) else {
            return .failure(
                SubmissionRefusal(
                    .badFrom, field: "from",
                    "from: \(draft.sender.domain) is not a domain of this account, nor is the address one of its verified senders"))
        }
        guard let account = try context.account(license.accountID) else { throw StorageError.malformed("domains.account_id") }
        if principal.accountID == nil, let earlier = try earlierResult(of: account.id, in: context) { return earlier }
        if let unknownTemplate {
            let name = TemplateText.isName(unknownTemplate) ? unknownTemplate : "of that name"
            return .failure(SubmissionRefusal(.invalid, field: "template", "template: the account has no template \(name)"))
        }
        if let refusal = finding.refusal { return .failure(refusal) }
        return try admit(license, of: account, in: context)
    }

    /// What the same idempotency key led to before, as it was answered then.
    private func earlierResult(of accountID: Int64, in context: WriteContext) throws -> Outcome? {
        guard let idempotency,
            let earlier = try context.use(ofIdempotencyKey: idempotency.key, accountID: accountID, within: Submission.idempotencyWindow)
        else { return nil }
        guard earlier.fingerprint == idempotency.fingerprint else {
            return .failure(SubmissionRefusal(.conflict, "This Idempotency-Key was used for another request within the last 24 hours"))
        }
        guard var email = try context.email(earlier.emailID) else {
            return .failure(SubmissionRefusal(.conflict, "The email that was sent with this Idempotency-Key is not kept any more"))
        }
        guard let answer = earlier.answer else {
            return .success(.init(email: email, copies: try context.statuses(of: email.ownCopies), note: nil))
        }
        email.status = answer.status
        return .success(.init(email: email, copies: answer.copies, note: answer.note, firstAnswer: answer))
    }

    /// Takes the idempotency key for this acceptance, before anything is counted, and notes in it what it is answered.
    ///
    /// - Returns: what the key led to, when another node took it at the same time.
    private func takeIdempotencyKey(for acceptance: inout Submission.Acceptance, in context: WriteContext) throws -> Outcome? {
        guard let idempotency else { return nil }
        let answer = FirstAnswer(
            emailID: id, status: acceptance.email.status, copies: acceptance.copies, note: acceptance.note,
            transactionID: idempotency.transactionID, time: context.now)
        acceptance.firstAnswer = answer
        let accountID = acceptance.email.accountID
        let isTaken = try context.keepIdempotencyKey(
            idempotency.key, accountID: accountID, fingerprint: idempotency.fingerprint, answer: answer,
            within: Submission.idempotencyWindow)
        return isTaken ? nil : try earlierResult(of: accountID, in: context)
    }

    private func admit(_ license: SenderAuthorization, of account: Account, in context: WriteContext) throws -> Outcome {
        if account.status == .blocked {
            return .failure(SubmissionRefusal(.blocked, "The account is blocked until its sending was reviewed"))
        }
        var license = license
        var emails = emails(domain: license.domain, account: account, now: context.now)
        let obstacles = try emails.map { try obstacle(to: $0, in: context) }
        // What is not sent is not counted, so no quota can refuse it; a domain that must not send at all still does.
        let count = Int64(obstacles.count { $0 == nil })
        let decision = license.decide(counting: count)
        if let domain = license.domain, let refusal = refusal(decision, of: count, domain: domain, now: context.now),
            !(count == 0 && refusal.kind == .quota)
        {
            return .failure(refusal)
        }
        for (index, obstacle) in obstacles.enumerated() {
            if let obstacle { emails[index].status = obstacle.status }
        }
        var acceptance = acceptance(of: emails, obstacles, reason: count > 0 ? decision.reason : nil)
        if let earlier = try takeIdempotencyKey(for: &acceptance, in: context) { return earlier }
        self.count(count, license, of: account, in: context)
        for (email, obstacle) in zip(emails, obstacles) {
            try context.insert(email, dueAt: obstacle == nil ? email.releaseAt : nil, explanation: obstacle?.explanation)
        }
        try context.insert(attachments: draft.files, of: id)
        return .success(acceptance)
    }

    private func acceptance(of emails: [Email], _ obstacles: [Obstacle?], reason: Gate.Reason?) -> Submission.Acceptance {
        let notes = self.notes(on: obstacles) + [reason?.rawValue, draft.note].compactMap(\.self) + finding.warnings
        return Submission.Acceptance(
            email: emails[0], copies: Dictionary(uniqueKeysWithValues: emails.dropFirst().map { ($0.id, $0.status) }),
            note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    /// What keeps an email from being sent: how it ends at once, and why.
    private typealias Obstacle = (status: EmailStatus, explanation: String)

    private func obstacle(to email: Email, in context: WriteContext) throws -> Obstacle? {
        guard draft.missing.isEmpty else {
            return (.incomplete, "There is no value for \(draft.missing.joined(separator: ", "))")
        }
        return try context.obstacle(to: email).map { (.blacklisted, $0) }
    }

    private func notes(on obstacles: [Obstacle?]) -> [String] {
        zip(draft.places, obstacles).compactMap { place, obstacle in
            let field = draft.copies.isEmpty ? "" : "\(place.field): "
            return obstacle.map { "\(field)\($0.explanation): the email is kept for reports and not sent" }
        }
    }

    /// Counts the emails: for the domain, and so for its account, or for the account alone.
    private func count(_ count: Int64, _ license: SenderAuthorization, of account: Account, in context: WriteContext) {
        guard count > 0 else { return }
        if let domain = license.domain { context.save(domain) } else { context.countSent(count, of: account.id) }
    }

    private func refusal(_ decision: Gate.Decision, of count: Int64, domain: SendingDomain, now: Timestamp) -> SubmissionRefusal? {
        guard !decision.allowed, let reason = decision.reason else { return nil }
        let found = count > 1 ? ", the email has \(count) recipients" : ""
        switch reason {
        case .domainNotVerified:
            return SubmissionRefusal(.badFrom, field: "from", "from: \(domain.name) is not verified yet (\(reason.rawValue))")
        case .suspended:
            let detail = domain.outbound.suspendedReason.map { ": \($0)" } ?? ""
            return SubmissionRefusal(.blocked, "The domain \(domain.name) is suspended (\(reason.rawValue))\(detail)")
        case .monthlyLimit:
            return SubmissionRefusal(
                .quota, "\(domain.name): monthly limit of \(domain.outbound.monthlyLimit) reached (\(reason.rawValue))\(found)",
                retryAfter: now.month.next.start - now)
        default:
            return SubmissionRefusal(
                .quota, "\(domain.name): limit of the day reached (\(reason.rawValue))\(found)", retryAfter: now.day.next.start - now)
        }
    }

    /// The email to the recipient in `to`, then its copies.
    private func emails(domain: SendingDomain?, account: Account, now: Timestamp) -> [Email] {
        let copies = draft.content.recipients?.copies ?? []
        let recipients =
            [(id: id, address: draft.recipient, origin: nil as CopyOrigin?)]
            + copies.map { ($0.id, $0.address, CopyOrigin(id: id, kind: $0.kind)) }
        return recipients.map { recipient in
            Email(
                id: recipient.id, accountID: account.id, userName: account.reference, operatorName: principal.operatorName,
                domainID: domain?.id, sender: draft.sender, recipient: recipient.address,
                status: draft.content.sendAt == nil ? .queued : .scheduled, externalID: draft.externalID, clientID: draft.clientID,
                createdAt: now, updatedAt: now, copyOf: recipient.origin, content: draft.content)
        }
    }
}
