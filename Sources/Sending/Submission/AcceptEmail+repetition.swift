import MailModel
import Storage

extension AcceptEmail {
    /// By what a message is known that a client submits again, because it lost the answer.
    struct Repetition: Sendable {
        /// How long a message is known.
        var window: Duration
        /// A key for each recipient.
        var keys: [EmailAddress: [UInt8]]
    }

    /// The recipients who were sent the message before, with their emails of then.
    func earlierEmails(in tx: Transaction) throws -> [EmailAddress: EmailID] {
        guard let repetition, !repetition.keys.isEmpty else { return [:] }
        let own = Set([id] + (validated.content.recipients?.copies.map(\.id) ?? []))
        let found = try tx.messageRepetitions.find(Array(repetition.keys.values), within: repetition.window)
        return repetition.keys.compactMapValues { found[$0] }.filter { !own.contains($0.value) }
    }

    /// The answer for a message that all of its recipients were sent before; `nil` where one was not, or the email does not exist any more.
    func earlierAcceptance(_ earlier: [EmailAddress: EmailID], in tx: Transaction) throws -> Outcome? {
        guard addresses.allSatisfy({ earlier[$0] != nil }), let first = earlier[validated.recipient],
            let email = try tx.emails.find(first)
        else { return nil }
        let note = "the message with this Message-ID was accepted before, and is not sent again"
        return .success(.init(email: email, copies: try tx.emails.statuses(of: email.ownCopies), note: note))
    }

    /// Stores by what a repetition is known, before anything is counted.
    ///
    /// - Returns: false where another node did at the same time.
    func storeRepetition(of emails: [Email], in tx: Transaction) throws -> Bool {
        guard let repetition else { return true }
        for email in emails {
            guard let key = repetition.keys[email.recipient] else { continue }
            let isStored = try tx.messageRepetitions.insert(key, of: email.id, within: repetition.window)
            guard try isStored || tx.messageRepetitions.find([key], within: repetition.window)[key] == email.id else { return false }
        }
        return true
    }

    /// Returns the command for the recipients who were not sent the message before; the first of them has the message.
    func without(_ earlier: [EmailAddress: EmailID]) -> AcceptEmail {
        let all = [ValidatedEmail.Copy(address: validated.recipient, name: nil, kind: .cc, field: "to")] + validated.copies
        let kept = all.filter { earlier[$0.address] == nil }
        guard let first = kept.first, kept.count < all.count else { return self }
        var command = self
        command.validated.recipient = first.address
        command.validated.copies = Array(kept.dropFirst())
        let addresses = Set(command.validated.copies.map(\.address))
        let copies = (validated.content.recipients?.copies ?? []).filter { addresses.contains($0.address) }
        command.validated.content.recipients = copies.isEmpty ? nil : Recipients(to: first.address, copies: copies)
        return command
    }
}
