/// Which bounces and complaints count for a domain's rates (specification 4.4, Amazon SES developer guide, "Bounce rate").
package struct FeedbackRules: Sendable, Equatable {
    /// Whether soft bounces count too (`reputation.countTransient`).
    package var countTransient: Bool

    /// How many soft bounces in a row suppress an address (`recipients.softBounceLimit`); 0: none do.
    package var softBounceLimit: Int

    /// How often an email is sent again after a soft bounce (`delivery.retrySoftBounces`); 0: never.
    package var softBounceRetries: Int

    /// When it is sent again.
    package var retrySchedule: RetrySchedule

    /// Rules; the defaults are those of production.
    package init(
        countTransient: Bool = false, softBounceLimit: Int = 0, softBounceRetries: Int = 0, retrySchedule: RetrySchedule = RetrySchedule()
    ) {
        self.countTransient = countTransient
        self.softBounceLimit = softBounceLimit
        self.softBounceRetries = softBounceRetries
        self.retrySchedule = retrySchedule
    }

    /// Whether a bounce of a recipient counts.
    ///
    /// - Parameter recipient: `nil` when SES's text for the address is none.
    package func counts(_ bounce: Bounce, of recipient: EmailAddress?) -> Bool {
        guard countTransient || bounce.persistence != .transient else { return false }
        return counts(subType: bounce.subType, of: recipient)
    }

    /// Whether a complaint of a recipient counts.
    ///
    /// `recipient` as for a bounce.
    package func counts(_ complaint: Complaint, of recipient: EmailAddress?) -> Bool {
        complaint.isGenuine && counts(subType: complaint.subType, of: recipient)
    }

    /// Emails that SES did not try to deliver, and those to its simulator, say nothing about the list of recipients.
    private func counts(subType: String?, of recipient: EmailAddress?) -> Bool {
        subType?.lowercased() != "onaccountsuppressionlist" && recipient?.isSESSimulator != true
    }
}
