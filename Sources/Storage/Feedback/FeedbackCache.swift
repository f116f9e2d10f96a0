import MailModel

/// What a transaction knows of SES's message ids and of SNS messages, read for its whole batch before the first command.
struct FeedbackCache {
    /// The emails by SES's ids of them.
    private(set) var emailIDs: [String: EmailID] = [:]
    /// SES's ids of no known email. They are locked: until the transaction ends, only the transaction itself can record them.
    private(set) var unknownIDs: Set<String> = []
    /// SES's ids for which no event waits.
    var idsWithoutEvents: Set<String> = []
    /// The receipts that were looked up, and whether they are new.
    var receipts: [String: Bool] = [:]

    /// Stores the result of a lookup.
    ///
    /// - Parameter unknown: the ids that were found to be of no known email.
    mutating func store(_ found: [String: EmailID], unknown: Set<String>) {
        (emailIDs, unknownIDs) = (found, unknown)
    }

    /// Adds an id that this transaction records. The first email recorded with an id keeps it.
    mutating func add(_ messageID: String, of id: EmailID) {
        if emailIDs[messageID] == nil { emailIDs[messageID] = id }
        unknownIDs.remove(messageID)
    }
}
