import Encoding
import JSON
package import MailModel

/// SES's own suppression list of an AWS account: SES accepts mail to its addresses and does not deliver it.
package protocol SESSuppressions: Sendable {
    /// Adds an address to the list (`PutSuppressedDestination`); one that is on it stays.
    func suppress(_ address: EmailAddress, as reason: SESSuppressionReason) async throws(SESError)

    /// Removes an address from the list (`DeleteSuppressedDestination`); one that is not on it is no error.
    func unsuppress(_ address: EmailAddress) async throws(SESError)
}

/// Why an address is on the list (SESv2 API reference, `SuppressionListReason`).
package enum SESSuppressionReason: String, Sendable {
    case bounce = "BOUNCE"
    case complaint = "COMPLAINT"
}

// Only SESv2 has the list: JSON over REST, at the same host and signed for the same service.

extension SESClient: SESSuppressions {
    private static let path = "suppression/addresses"

    /// Calls `PutSuppressedDestination`.
    package func suppress(_ address: EmailAddress, as reason: SESSuppressionReason) async throws(SESError) {
        var writer = JSONWriter()
        writer.object {
            $0.member("EmailAddress", address.description)
            $0.member("Reason", reason.rawValue)
        }
        try await callV2("PUT", Self.path, writer.bytes)
    }

    /// Calls `DeleteSuppressedDestination`.
    package func unsuppress(_ address: EmailAddress) async throws(SESError) {
        do {
            try await callV2("DELETE", Self.path + "/" + PercentEncoding.encode(address.description))
        } catch {
            // The address is not on the list, which is the aim.
            guard error.httpStatus == 404, error.code == "NotFoundException" else { throw error }
        }
    }
}
