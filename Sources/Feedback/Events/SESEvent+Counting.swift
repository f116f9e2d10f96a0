import MailModel

extension SESEvent {
    /// What the event adds to the counters of its domain.
    struct Tally: Equatable {
        var bounces: Int64 = 0
        var complaints: Int64 = 0
        /// Addresses that must not be mailed again, and why.
        var suppressed: [EmailAddress] = []
        var reason: SuppressionReason = .hardBounce

        var isEmpty: Bool { bounces == 0 && complaints == 0 && suppressed.isEmpty }
    }

    /// Returns what the event counts for by the rules: once for each recipient that it names.
    func tally(by rules: FeedbackRules) -> Tally {
        var tally = Tally()
        switch kind {
        case .bounce(let bounce):
            tally.bounces = count { rules.counts(bounce, of: $0) }
            if bounce.suppresses { tally.suppressed = affected.filter { !$0.isOfAnySimulator } }
        case .complaint(let complaint):
            tally.complaints = count { rules.counts(complaint, of: $0) }
            if complaint.isGenuine { tally.suppressed = affected.filter { !$0.isOfAnySimulator } }
            tally.reason = .complaint
        default: break
        }
        return tally
    }

    /// Returns the receipt of what happened, as SES reports it in a shape; `nil` where SES names no message.
    ///
    /// An operator can have the feedback of an identity and the events of a configuration set at once, and then gets each bounce twice, with two
    /// `MessageId`s of SNS. Within one shape SES reports each event once.
    func receipt(in shape: Shape) -> String? {
        guard let messageID = mail.messageID else { return nil }
        let first = named.compactMap(\.address?.description).min() ?? ""
        return "\(shape.rawValue) \(type) \(messageID.prefix(200)) \(named.count) \(first)"
    }

    /// Whom it happened to; the message's destinations where the event does not say.
    private var named: [Recipient] {
        recipients.isEmpty ? mail.destinations : recipients
    }

    /// How many recipients count; at most one where none is named.
    private func count(_ counts: (EmailAddress?) -> Bool) -> Int64 {
        named.isEmpty ? (counts(nil) ? 1 : 0) : Int64(named.count { counts($0.address) })
    }

    /// The addresses it happened to.
    ///
    /// A forwarded mailbox bounces under another address than the one that was mailed; both count then.
    private var affected: [EmailAddress] {
        let forwarded = mail.destinations.count == 1 && recipients.count == 1 ? mail.destinations : []
        var seen: Set<String> = []
        return (named + forwarded).compactMap(\.address).filter { seen.insert($0.suppressionKey).inserted }
    }
}
