import MailModel
import Storage

/// The part of an acceptance that happens within the transaction.
struct Admission: Sendable {
    var draft: Draft
    var finding: RecipientHygiene.Finding
    var id: EmailID
    var principal: Principal
    var idempotency: (key: String, fingerprint: [UInt8])?
    var gate: Gate

    typealias Outcome = Result<Submission.Acceptance, SubmissionRefusal>

    func run(in context: WriteContext) throws -> Outcome {
        guard let license = try SendingLicense(draft.sender, principal: principal, gate: gate, in: context) else {
            return .failure(
                SubmissionRefusal(
                    .badFrom, field: "from",
                    "from: \(draft.sender.domain) is not a domain of this account, nor is the address one of its verified senders"))
        }
        guard let account = try context.account(license.accountID) else { throw StorageError.malformed("domains.account_id") }
        if let earlier = try earlierResult(of: account, in: context) { return earlier }
        if let refusal = finding.refusal { return .failure(SubmissionRefusal(.badTo, field: "to", refusal)) }
        return try admit(license, of: account, in: context)
    }

    /// What the same idempotency key led to before.
    private func earlierResult(of account: Account, in context: WriteContext) throws -> Outcome? {
        guard let idempotency,
            let earlier = try context.use(ofIdempotencyKey: idempotency.key, accountID: account.id, within: Submission.idempotencyWindow)
        else { return nil }
        guard earlier.fingerprint == idempotency.fingerprint, let email = try context.email(earlier.emailID) else {
            return .failure(SubmissionRefusal(.conflict, "This Idempotency-Key was used for another request within the last 24 hours"))
        }
        return .success(.init(email: email, note: nil))
    }

    /// Takes the idempotency key for this email, before anything is counted.
    ///
    /// - Returns: what it led to, when another node took it at the same time.
    private func takeIdempotencyKey(of account: Account, in context: WriteContext) throws -> Outcome? {
        guard let idempotency else { return nil }
        let isTaken = try context.keepIdempotencyKey(
            idempotency.key, accountID: account.id, fingerprint: idempotency.fingerprint, emailID: id, within: Submission.idempotencyWindow)
        if isTaken { return nil }
        return try earlierResult(of: account, in: context)
    }

    private func admit(_ license: SendingLicense, of account: Account, in context: WriteContext) throws -> Outcome {
        if account.status == .blocked {
            return .failure(SubmissionRefusal(.blocked, "The account is blocked until its sending was reviewed"))
        }
        var license = license
        var email = email(domain: license.domain, account: account, now: context.now)
        let obstacle = try context.obstacle(to: email)
        let isSuppressed = obstacle != nil
        // A suppressed recipient is not counted, so no quota can refuse it; a domain that must not send at all still does.
        let decision = license.decide(counting: !isSuppressed)
        if let domain = license.domain, let refusal = refusal(decision, domain: domain, now: context.now),
            !(isSuppressed && refusal.kind == .quota)
        {
            return .failure(refusal)
        }
        if let earlier = try takeIdempotencyKey(of: account, in: context) { return earlier }
        if !isSuppressed { count(license, of: account, in: context) }
        if isSuppressed { email.status = .blacklisted }
        try context.insert(email, dueAt: isSuppressed ? nil : email.releaseAt)
        let notes =
            [obstacle.map { "\($0): the email is kept for reports and not sent" } ?? decision.reason?.rawValue, draft.note]
            .compactMap(\.self) + finding.warnings
        return .success(.init(email: email, note: notes.isEmpty ? nil : notes.joined(separator: "; ")))
    }

    /// Counts the email: for the domain, and so for its account, or for the account alone.
    private func count(_ license: SendingLicense, of account: Account, in context: WriteContext) {
        if let domain = license.domain { context.save(domain) } else { context.countSent(1, of: account.id) }
    }

    private func refusal(_ decision: Gate.Decision, domain: SendingDomain, now: Timestamp) -> SubmissionRefusal? {
        guard !decision.allowed, let reason = decision.reason else { return nil }
        switch reason {
        case .domainNotVerified:
            return SubmissionRefusal(.badFrom, field: "from", "from: \(domain.name) is not verified yet (\(reason.rawValue))")
        case .suspended:
            let detail = domain.outbound.suspendedReason.map { ": \($0)" } ?? ""
            return SubmissionRefusal(.blocked, "The domain \(domain.name) is suspended (\(reason.rawValue))\(detail)")
        case .monthlyLimit:
            return SubmissionRefusal(
                .quota, "\(domain.name): monthly limit of \(domain.outbound.monthlyLimit) reached (\(reason.rawValue))",
                retryAfter: now.month.next.start - now)
        default:
            return SubmissionRefusal(
                .quota, "\(domain.name): limit of the day reached (\(reason.rawValue))", retryAfter: now.day.next.start - now)
        }
    }

    private func email(domain: SendingDomain?, account: Account, now: Timestamp) -> Email {
        Email(
            id: id, accountID: account.id, userName: account.reference, operatorName: principal.operatorName, domainID: domain?.id,
            sender: draft.sender, recipient: draft.recipient, status: draft.content.sendAt == nil ? .queued : .scheduled,
            externalID: draft.externalID, clientID: draft.clientID,
            createdAt: now, updatedAt: now, content: draft.content)
    }
}
