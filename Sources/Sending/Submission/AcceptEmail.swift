import MailModel
import Storage

/// Accepts an email in a transaction: asks the gate, counts, and inserts it and its copies (specification 5).
struct AcceptEmail: Sendable {
    /// What is accepted, or the refusal.
    ///
    /// A refusal is no error: an error would make the whole batch run again.
    typealias Outcome = Result<Submission.Acceptance, Refusal>

    var validated: ValidatedEmail
    var recipientCheck: RecipientCheckResult
    /// The id of the email to the recipient in `to`.
    var id: EmailID
    var principal: Principal
    var idempotency: Idempotency?
    var gate: Gate
    /// The template that the request names, where the account has none of that name.
    var unknownTemplate: String?
    /// By what a repeated message is known; `nil`: none is.
    var repetition: Repetition?

    /// By what a repetition of the request is known.
    struct Idempotency: Sendable {
        var key: String
        var fingerprint: [UInt8]
        var transactionID: String
    }

    /// All recipients.
    var addresses: [EmailAddress] { validated.recipients.map(\.address) }

    /// The rows that it is going to change.
    var intent: WriteIntent { .emails(of: validated.sender.domain, to: addresses, for: principal.accountID) }

    /// Creates the ids of the copies, of the same time as the email's, so that all of them are in one partition.
    mutating func assignCopyIDs() {
        guard !validated.copies.isEmpty else { return }
        validated.content.recipients = Recipients(
            to: validated.recipient,
            copies: validated.copies.map { EmailCopy(id: EmailID(at: id.time), address: $0.address, name: $0.name, kind: $0.kind) })
    }

    func run(in tx: Transaction) throws -> Outcome {
        // First of all: the sender's domain, a template or the recipient may have changed since the first request.
        if let accountID = principal.accountID, let earlier = try earlierResult(of: accountID, in: tx) { return earlier }
        guard let authorization = try SenderAuthorization(validated.sender, principal: principal, gate: gate, in: tx) else {
            return .failure(
                Refusal(
                    .badFrom, field: "from",
                    "from: \(validated.sender.domain) is not a domain of this account, nor is the address one of its verified senders"))
        }
        guard principal.maySend(from: validated.sender.domain, countedFor: authorization.domain?.name) else {
            return .failure(
                Refusal(
                    .badFrom, code: .domainNotAllowed, field: "from", "from: the API key may not send from \(validated.sender.domain)"))
        }
        guard let account = try tx.accounts.find(authorization.accountID) else { throw StorageError.malformed("domains.account_id") }
        if principal.accountID == nil, let earlier = try earlierResult(of: account.id, in: tx) { return earlier }
        if let refusal = try refusal(ofHeaderSenderBeside: authorization, in: tx) { return .failure(refusal) }
        if let unknownTemplate {
            let name = TemplateText.isName(unknownTemplate) ? unknownTemplate : "of that name"
            return .failure(.invalid("template", "the account has no template \(name)"))
        }
        if let refusal = recipientCheck.refusal { return .failure(refusal) }
        return try acceptOnce(under: authorization, account, in: tx)
    }

    /// Accepts the email for the recipients who were not sent it before.
    private func acceptOnce(under authorization: SenderAuthorization, _ account: Account, in tx: Transaction) throws -> Outcome {
        let earlier = try earlierEmails(in: tx)
        if let acceptance = try earlierAcceptance(earlier, in: tx) { return acceptance }
        return try without(earlier).accept(under: authorization, account, in: tx)
    }

    /// The refusal of a `Sender` in a raw message's header that is not the account's: programs show it beside `From`.
    private func refusal(ofHeaderSenderBeside authorization: SenderAuthorization, in tx: Transaction) throws -> Refusal? {
        guard let address = validated.headerSender, address.domain != validated.sender.domain else { return nil }
        let own = try SenderAuthorization(address, principal: principal, gate: gate, in: tx)
        guard let own, own.accountID == authorization.accountID, principal.maySend(from: address.domain, countedFor: own.domain?.name)
        else {
            return Refusal(
                .badFrom, field: "from",
                "from: the header's Sender, \(address.domain), is not a domain of this account, nor is the address one of its verified senders"
            )
        }
        return nil
    }

    /// The answer that the idempotency key got before.
    private func earlierResult(of accountID: Int64, in tx: Transaction) throws -> Outcome? {
        guard let idempotency,
            let earlier = try tx.idempotencyKeys.find(idempotency.key, accountID: accountID, within: Submission.idempotencyWindow)
        else { return nil }
        guard earlier.fingerprint == idempotency.fingerprint else {
            return .failure(
                Refusal(.conflict, code: .idempotencyConflict, "This Idempotency-Key was used for another request within the last 24 hours")
            )
        }
        guard var email = try tx.emails.find(earlier.emailID) else {
            return .failure(
                Refusal(.conflict, code: .idempotencyConflict, "The email that was sent with this Idempotency-Key is not kept any more"))
        }
        guard let answer = earlier.answer else {
            return .success(.init(email: email, copies: try tx.emails.statuses(of: email.ownCopies), note: nil))
        }
        email.status = answer.status
        return .success(.init(email: email, copies: answer.copies, note: answer.note, firstAnswer: answer))
    }

    /// Stores the idempotency key with the answer of this acceptance, before anything is counted.
    ///
    /// - Returns: the earlier answer, when another node stored the key at the same time.
    private func storeIdempotencyKey(for acceptance: inout Submission.Acceptance, in tx: Transaction) throws -> Outcome? {
        guard let idempotency else { return nil }
        let answer = FirstAnswer(
            emailID: id, status: acceptance.email.status, copies: acceptance.copies, note: acceptance.note,
            transactionID: idempotency.transactionID, time: tx.now)
        acceptance.firstAnswer = answer
        let accountID = acceptance.email.accountID
        let isStored = try tx.idempotencyKeys.insert(
            idempotency.key, accountID: accountID, fingerprint: idempotency.fingerprint, answer: answer,
            within: Submission.idempotencyWindow)
        return isStored ? nil : try earlierResult(of: accountID, in: tx)
    }

    private func accept(under authorization: SenderAuthorization, _ account: Account, in tx: Transaction) throws -> Outcome {
        if account.status == .blocked {
            let refused = Gate.Decision(allowed: false, reason: .accountBlocked)
            try authorization.record(refused, of: Int64(addresses.count), from: validated.sender, within: nil, in: tx)
            return .failure(Refusal(.blocked, "The account is blocked until its sending was reviewed"))
        }
        var authorization = authorization
        var emails = emails(domain: authorization.domain, account: account, now: tx.now)
        let obstacles = try emails.map { try obstacle(to: $0, in: tx) }
        // What is not sent is not counted, so no quota refuses it; a domain that must not send at all does.
        let count = Int64(obstacles.count { $0 == nil })
        var quota = try authorization.quota(in: tx)
        let decision = authorization.decide(counting: count, within: &quota)
        if let refusal = refusal(decision, of: count, domain: authorization.domain, quota, account, now: tx.now),
            !(count == 0 && refusal.kind == .quota)
        {
            try authorization.record(decision, of: Int64(emails.count), from: validated.sender, within: nil, in: tx)
            return .failure(refusal)
        }
        for (index, obstacle) in obstacles.enumerated() {
            if let obstacle { emails[index].status = obstacle.status }
        }
        var acceptance = acceptance(of: emails, obstacles, reason: count > 0 ? decision.reason : nil)
        guard try storeRepetition(of: emails, in: tx) else { return try acceptOnce(under: authorization, account, in: tx) }
        if let earlier = try storeIdempotencyKey(for: &acceptance, in: tx) { return earlier }
        if count > 0 { try authorization.record(decision, of: count, from: validated.sender, within: quota, in: tx) }
        for (email, obstacle) in zip(emails, obstacles) {
            try tx.emails.insert(email, dueAt: obstacle == nil ? email.releaseAt : nil, explanation: obstacle?.explanation)
        }
        if let template = validated.template { try tx.emails.insert(template: template, of: id) }
        try tx.emails.insert(attachments: validated.files, of: id)
        return .success(acceptance)
    }

    private func acceptance(of emails: [Email], _ obstacles: [Obstacle?], reason: Gate.Reason?) -> Submission.Acceptance {
        let notes = self.notes(on: obstacles) + [reason?.rawValue].compactMap(\.self) + validated.notes + recipientCheck.warnings
        return Submission.Acceptance(
            email: emails[0], copies: Dictionary(uniqueKeysWithValues: emails.dropFirst().map { ($0.id, $0.status) }),
            note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    /// Why an email is not sent: the status that it gets at once, and the explanation.
    private typealias Obstacle = (status: EmailStatus, explanation: String)

    private func obstacle(to email: Email, in tx: Transaction) throws -> Obstacle? {
        guard validated.missingVariables.isEmpty else {
            return (.incomplete, "There is no value for \(validated.missingVariables.joined(separator: ", "))")
        }
        return try tx.suppressions.obstacle(to: email).map { (.blacklisted, $0) }
    }

    private func notes(on obstacles: [Obstacle?]) -> [String] {
        zip(validated.recipients, obstacles).compactMap { recipient, obstacle in
            let field = validated.copies.isEmpty ? "" : "\(recipient.field): "
            return obstacle.map { "\(field)\($0.explanation): the email is kept for reports and not sent" }
        }
    }

    private func refusal(
        _ decision: Gate.Decision, of count: Int64, domain: SendingDomain?, _ quota: AccountQuota?, _ account: Account, now: Timestamp
    ) -> Refusal? {
        guard !decision.allowed, let reason = decision.reason else { return nil }
        if let quota, let refusal = quota.refusal(reason, of: count, account, now: now) { return refusal }
        guard let domain else { return nil }
        let found = count > 1 ? ", the email has \(count) recipients" : ""
        switch reason {
        case .domainNotVerified:
            return Refusal(.badFrom, code: reason.code, field: "from", "from: \(domain.name) is not verified yet (\(reason.rawValue))")
        case .suspended:
            let detail = domain.outbound.suspendedReason.map { ": \($0)" } ?? ""
            return Refusal(.blocked, code: reason.code, "The domain \(domain.name) is suspended (\(reason.rawValue))\(detail)")
        case .monthlyLimit:
            return Refusal(
                .quota, code: reason.code,
                "\(domain.name): monthly limit of \(domain.outbound.monthlyLimit) reached (\(reason.rawValue))\(found)",
                retryAfter: now.month.next.start - now)
        default:
            return Refusal(
                .quota, code: reason.code, "\(domain.name): limit of the day reached (\(reason.rawValue))\(found)",
                retryAfter: now.day.next.start - now)
        }
    }

    /// The email to the recipient in `to`, then its copies.
    private func emails(domain: SendingDomain?, account: Account, now: Timestamp) -> [Email] {
        let copies = validated.content.recipients?.copies ?? []
        var content = validated.content
        content.fromName = content.fromName ?? domain?.fromName
        let recipients =
            [(id: id, address: validated.recipient, origin: nil as CopyOrigin?)]
            + copies.map { ($0.id, $0.address, CopyOrigin(id: id, kind: $0.kind)) }
        return recipients.map { recipient in
            Email(
                id: recipient.id, accountID: account.id, userName: account.reference, operatorName: principal.operatorName,
                domainID: domain?.id, sender: validated.sender, recipient: recipient.address,
                status: validated.content.sendAt == nil ? .queued : .scheduled, externalID: validated.externalID,
                clientID: validated.clientID,
                createdAt: now, updatedAt: now, copyOf: recipient.origin, content: content)
        }
    }
}

extension AccountQuota {
    /// The refusal by one of the account's limits; `nil` for any other reason.
    fileprivate func refusal(_ reason: Gate.Reason, of count: Int64, _ account: Account, now: Timestamp) -> Refusal? {
        let found = count > 1 ? ", the email has \(count) recipients" : ""
        switch reason {
        case .accountDailyLimit:
            return Refusal(
                .quota, code: reason.code,
                "The account \(account.reference): daily limit of \(limits.dailyLimit) reached (\(reason.rawValue))\(found)",
                retryAfter: now.day.next.start - now)
        case .accountMonthlyLimit:
            return Refusal(
                .quota, code: reason.code,
                "The account \(account.reference): monthly limit of \(limits.monthlyLimit) reached (\(reason.rawValue))\(found)",
                retryAfter: now.month.next.start - now)
        default: return nil
        }
    }
}
