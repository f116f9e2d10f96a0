import MailModel
import Storage

/// The part of an acceptance that happens within the transaction.
struct Admission: Sendable {
    var draft: Draft
    var finding: RecipientHygiene.Finding
    /// That of the email to the recipient in `to`.
    var id: EmailID
    var principal: Principal
    var idempotency: (key: String, fingerprint: [UInt8])?
    var gate: Gate
    /// The name that the request gives a template, where there is no such one.
    var unknownTemplate: String?

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
        guard let license = try SendingLicense(draft.sender, principal: principal, gate: gate, in: context) else {
            return .failure(
                SubmissionRefusal(
                    .badFrom, field: "from",
                    "from: \(draft.sender.domain) is not a domain of this account, nor is the address one of its verified senders"))
        }
        guard let account = try context.account(license.accountID) else { throw StorageError.malformed("domains.account_id") }
        if let earlier = try earlierResult(of: account, in: context) { return earlier }
        if let unknownTemplate {
            let name = TemplateText.isName(unknownTemplate) ? unknownTemplate : "of that name"
            return .failure(SubmissionRefusal(.invalid, field: "template", "template: the account has no template \(name)"))
        }
        if let refusal = finding.refusal { return .failure(refusal) }
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
        return .success(.init(email: email, copies: try context.statuses(of: email.ownCopies), note: nil))
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
        if let earlier = try takeIdempotencyKey(of: account, in: context) { return earlier }
        self.count(count, license, of: account, in: context)
        for (index, obstacle) in obstacles.enumerated() {
            if let obstacle { emails[index].status = obstacle.status }
            try context.insert(emails[index], dueAt: obstacle == nil ? emails[index].releaseAt : nil, explanation: obstacle?.explanation)
        }
        try context.insert(attachments: draft.files, of: id)
        let notes =
            self.notes(on: obstacles) + [count > 0 ? decision.reason?.rawValue : nil, draft.note].compactMap(\.self) + finding.warnings
        return .success(
            .init(
                email: emails[0], copies: Dictionary(uniqueKeysWithValues: emails.dropFirst().map { ($0.id, $0.status) }),
                note: notes.isEmpty ? nil : notes.joined(separator: "; ")))
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
    private func count(_ count: Int64, _ license: SendingLicense, of account: Account, in context: WriteContext) {
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
