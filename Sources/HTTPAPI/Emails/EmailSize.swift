import Hummingbird
import Sending
import Web

/// How large the request for an email may be.
package struct EmailSize: Sendable {
    /// Without the content of attachments (`emails.maximumBytes`).
    let bytes: Int
    /// Of the whole request.
    let body: Int

    /// - Parameter attachmentBytes: of all attachments together, decoded (`emails.maximumAttachmentBytes`).
    package init(bytes: Int, attachmentBytes: Int) {
        self.bytes = bytes
        body = bytes + (attachmentBytes + 2) / 3 * 4
    }

    /// Attachments have a limit of their own: what they leave free is not for the rest.
    ///
    /// - Parameter body: the bytes of the request.
    func check(_ requests: [EmailRequest], body: Int) throws(APIError) {
        let rest = requests.reduce(body) { rest, request in request.attachments.reduce(rest) { $0 - $1.content.utf8.count } }
        guard rest > bytes else { return }
        throw APIError(.contentTooLarge, "Without attachments the request has \(rest) bytes, expected at most \(bytes)")
    }
}
