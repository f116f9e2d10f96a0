/// Which bounces and complaints count for a domain's rates (specification 4.4, Amazon SES developer guide, "Bounce rate").
package struct FeedbackRules: Sendable, Equatable {
    /// Count soft bounces too (`reputation.countTransient`).
    package var countTransient: Bool

    /// So many soft bounces in a row suppress an address (`recipients.softBounceLimit`); 0: none do.
    package var softBounceLimit: Int

    package init(countTransient: Bool = false, softBounceLimit: Int = 0) {
        self.countTransient = countTransient
        self.softBounceLimit = softBounceLimit
    }

    /// - Parameter recipient: `nil` when SES's text for the address is none.
    package func counts(_ bounce: Bounce, of recipient: EmailAddress?) -> Bool {
        guard countTransient || bounce.persistence != .transient else { return false }
        return counts(subType: bounce.subType, of: recipient)
    }

    package func counts(_ complaint: Complaint, of recipient: EmailAddress?) -> Bool {
        complaint.isGenuine && counts(subType: complaint.subType, of: recipient)
    }

    /// Whether a bounce or complaint of this address may suppress it. Simulators are there to be used again.
    package func maySuppress(_ recipient: EmailAddress) -> Bool {
        !recipient.isSimulator && !recipient.isSESSimulator
    }

    /// What SES did not even try to deliver says nothing about the list of recipients, nor does SES's simulator.
    private func counts(subType: String?, of recipient: EmailAddress?) -> Bool {
        subType?.lowercased() != "onaccountsuppressionlist" && recipient?.isSESSimulator != true
    }
}

extension EmailAddress {
    /// Whether the address belongs to SES's own mailbox simulator, which SES leaves out of its rates as well.
    package var isSESSimulator: Bool {
        domain.description == "simulator.amazonses.com"
    }
}
