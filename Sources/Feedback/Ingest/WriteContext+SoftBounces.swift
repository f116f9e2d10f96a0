import JSON
import MailModel
import Storage

extension WriteContext {
    /// How far back soft bounces are in a row.
    private static let window = Duration.seconds(30 * 86_400)

    /// Suppresses an address after so many soft bounces in a row, or takes it off again, when a delivery stands between them.
    ///
    /// What decides is where the latest emails to the address stand, and not what came last: events come in any order, and every order has to
    /// end in the same place.
    func judgeSoftBounces(after event: SESEvent, of email: EmailState, rules: FeedbackRules) throws {
        guard rules.softBounceLimit > 0, rules.maySuppress(email.recipient) else { return }
        switch event.kind {
        case .bounce(let bounce) where bounce.concernsMailbox: break
        case .delivery, .open, .click:
            let known = try suppression(of: email.recipient, sender: nil, accountID: email.accountID)
            guard known?.entry.reason == .softBounce else { return }
        default: return
        }
        let latest = try latestOutcomes(
            to: email.recipient, accountID: email.accountID, since: now - Self.window, limit: rules.softBounceLimit)
        if try latest.count == rules.softBounceLimit && latest.allSatisfy({ try $0.status == .bounced && wasSoft($0.id) }) {
            try suppress(
                email.recipient, accountID: email.accountID, reason: .softBounce, note: "\(rules.softBounceLimit) soft bounces in a row")
        } else {
            try liftSoftBounceSuppression(of: email.recipient, accountID: email.accountID)
        }
    }

    private func wasSoft(_ id: EmailID) throws -> Bool {
        try details(of: .bounced, on: id).contains { text in
            let words = try? JSONValue.parse(text.utf8).objectValue
            return Bounce(type: words?["bounceType"]?.stringValue, subType: words?["bounceSubType"]?.stringValue).concernsMailbox
        }
    }
}
