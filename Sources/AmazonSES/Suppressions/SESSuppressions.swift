package import MailModel

/// SES's own suppression list, which holds for a whole AWS account: SES takes mail to its addresses and does not deliver it.
package protocol SESSuppressions: Sendable {
    /// Puts an address on the list (`PutSuppressedDestination`); one that is there stays.
    func suppress(_ address: EmailAddress, as reason: SESSuppressionReason) async throws(SESError)

    /// Takes an address off the list (`DeleteSuppressedDestination`); one that is not there is none the worse.
    func unsuppress(_ address: EmailAddress) async throws(SESError)
}

/// Why SES keeps an address (SESv2 API reference, `SuppressionListReason`).
package enum SESSuppressionReason: String, Sendable {
    case bounce = "BOUNCE"
    case complaint = "COMPLAINT"
}
