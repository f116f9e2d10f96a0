import MailModel
import Storage

extension SESEvent {
    /// What taking the event in reads and changes.
    ///
    /// - Parameter receipt: SNS's `MessageId`.
    func intent(receipt: String?, rules: FeedbackRules) -> EventIntent {
        var intent = EventIntent(email: mail.claimedID, messageID: mail.messageID)
        if let receipt { intent.receipts.append(receipt) }
        // What counts changes the account and the domain; all else leaves them alone.
        guard !tally(by: rules).isEmpty || mayJudgeSoftBounces(by: rules) else { return intent }
        intent.counts = true
        intent.source = mail.source
        intent.domain = mail.sourceDomain
        intent.receipts += Shape.allCases.compactMap(self.receipt)
        return intent
    }

    private func mayJudgeSoftBounces(by rules: FeedbackRules) -> Bool {
        guard rules.softBounceLimit > 0, case .bounce(let bounce) = kind else { return false }
        return bounce.concernsMailbox
    }

    /// What the event adds to the counters of its domain.
    struct Tally: Equatable {
        var bounces: Int64 = 0
        var complaints: Int64 = 0
        /// Addresses that must not be mailed again, and why.
        var suppressed: [EmailAddress] = []
        var reason: SuppressionReason = .hardBounce

        var isEmpty: Bool { bounces == 0 && complaints == 0 && suppressed.isEmpty }
    }

    /// Judges the event by the rules: once for each recipient that it names.
    func tally(by rules: FeedbackRules) -> Tally {
        var tally = Tally()
        switch kind {
        case .bounce(let bounce):
            tally.bounces = count { rules.counts(bounce, of: $0) }
            if bounce.suppresses { tally.suppressed = affected.filter(rules.maySuppress) }
        case .complaint(let complaint):
            tally.complaints = count { rules.counts(complaint, of: $0) }
            if complaint.isGenuine { tally.suppressed = affected.filter(rules.maySuppress) }
            tally.reason = .complaint
        default: break
        }
        return tally
    }

    /// Names what happened so that it has the same name in both shapes; `nil` where SES names no message.
    ///
    /// An operator can have the feedback of an identity and the events of a configuration set at once, and is then told each bounce twice, under
    /// two `MessageId`s of SNS. Within one shape SES tells each thing once.
    func receipt(in shape: Shape) -> String? {
        guard let messageID = mail.messageID else { return nil }
        let first = named.compactMap(\.address?.description).min() ?? ""
        return "\(shape.rawValue) \(type) \(messageID.prefix(200)) \(named.count) \(first)"
    }

    /// Whom it happened to, from the message's destinations where the event does not say.
    private var named: [Recipient] {
        recipients.isEmpty ? mail.destinations : recipients
    }

    /// The recipients that count; one where nobody is named at all.
    private func count(_ counts: (EmailAddress?) -> Bool) -> Int64 {
        named.isEmpty ? (counts(nil) ? 1 : 0) : Int64(named.count { counts($0.address) })
    }

    /// The addresses it happened to. A forwarded mailbox bounces under another name than the one that was written to; then both are meant.
    private var affected: [EmailAddress] {
        let forwarded = mail.destinations.count == 1 && recipients.count == 1 ? mail.destinations : []
        var seen: Set<String> = []
        return (named + forwarded).compactMap(\.address).filter { seen.insert($0.suppressionKey).inserted }
    }
}
