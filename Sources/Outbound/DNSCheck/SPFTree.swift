import MailModel

/// An SPF policy with those that it includes, as a receiver would look at it.
struct SPFTree: Sendable, Equatable {
    /// What SES asks to be included.
    static let amazon = "amazonses.com"

    /// At least so many: counting ends when there are too many.
    var lookups = 0
    var includesAmazon = false
    /// What a receiver takes for a permanent error, in a sentence.
    var fault: String?
    /// The DNS did not say everything.
    var isIncomplete = false

    /// Looks at a policy and, as far as they can be, at those that it includes.
    static func look(at record: SPFRecord, with lookup: RecordLookup) async -> SPFTree {
        var tree = SPFTree()
        var waiting = [record]
        while let next = waiting.popLast(), tree.fault == nil {
            tree.lookups += next.lookups
            guard tree.lookups <= SPFRecord.mostLookups else {
                tree.fault = "it takes more than \(SPFRecord.mostLookups) lookups, at which receivers stop"
                break
            }
            for name in next.references {
                if name == Self.amazon { tree.includesAmazon = true }
                // With a macro the name is known only with a message at hand. SES's own policy includes nothing.
                guard name != Self.amazon, !name.contains("%") else { continue }
                if let record = await tree.policy(of: name, with: lookup) { waiting.append(record) }
            }
        }
        return tree
    }

    private mutating func policy(of name: String, with lookup: RecordLookup) async -> SPFRecord? {
        guard let texts = await lookup.texts(name) else {
            isIncomplete = true
            return nil
        }
        let policies = texts.filter(SPFRecord.isOne)
        guard let text = policies.first, policies.count == 1 else {
            fault = "it refers to \(name), which has \(policies.isEmpty ? "no policy" : "more than one")"
            return nil
        }
        do throws(SPFRecord.Malformed) {
            return try SPFRecord(parsing: text)
        } catch {
            fault = "it refers to \(name), whose policy is not valid: \(error)"
            return nil
        }
    }
}
