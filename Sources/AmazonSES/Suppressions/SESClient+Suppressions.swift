import JSON
package import MailModel

// The list is known to SESv2 alone: JSON over REST, at the same host and signed for the same service.

extension SESClient: SESSuppressions {
    private static let path = "v2/email/suppression/addresses"

    package func suppress(_ address: EmailAddress, as reason: SESSuppressionReason) async throws(SESError) {
        var writer = JSONWriter()
        writer.object {
            $0.member("EmailAddress", address.description)
            $0.member("Reason", reason.rawValue)
        }
        try await callV2("PUT", Self.path, writer.bytes)
    }

    package func unsuppress(_ address: EmailAddress) async throws(SESError) {
        var segment: [UInt8] = []
        segment.append(percentEncoding: address.description.utf8)
        do {
            try await callV2("DELETE", Self.path + "/" + String(decoding: segment, as: UTF8.self))
        } catch {
            // SES knows no such address: that is what was asked for.
            guard error.httpStatus == 404, error.code == "NotFoundException" else { throw error }
        }
    }
}
