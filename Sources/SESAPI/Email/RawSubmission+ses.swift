import Encoding
import MIME
import MailModel
import Sending

extension RawSubmission {
    /// A message of either version of SES's API.
    ///
    /// - Parameters:
    ///   - data: the message in base64.
    ///   - recipients: with names or without; none: those in the message's header.
    ///   - sender: what replaces the header's `From`.
    ///   - tags: in addition to those of the field `X-SES-MESSAGE-TAGS`.
    init(base64 data: String, to recipients: [String], from sender: String?, tags: [String]) throws(SESFault) {
        guard let message = try? Base64.decode(data.utf8.contains(where: { $0 <= 0x20 }) ? data.filter { !$0.isWhitespace } : data) else {
            throw .invalid("The raw message is not valid base64.")
        }
        self.init(to: try recipients.map(Self.address), message: message)
        allowsBareLineFeeds = true
        from = sender
        let all = tags + (try Self.tags(in: message))
        if !all.isEmpty { self.tags = all }
    }

    /// The bare address of a recipient.
    private static func address(_ text: String) throws(SESFault) -> String {
        do {
            return try MailboxSyntax.parse(text).address.description
        } catch {
            throw .invalid("Illegal address: \(error)")
        }
    }

    /// The tags of the field `X-SES-MESSAGE-TAGS`: `name=value`, with commas between them.
    private static func tags(in message: [UInt8]) throws(SESFault) -> [String] {
        // What cannot be read is refused, with its reason, when the message is accepted.
        guard let header = try? RawMessage(RawMessage.withLineEnds(message)) else { return [] }
        var tags: [String] = []
        for value in header.values(of: "x-ses-message-tags") {
            for tag in value.split(separator: ",") {
                let parts = tag.split(separator: "=", maxSplits: 1).map { String($0.filter { !$0.isWhitespace }) }
                guard parts.count == 2 else { throw .invalid("X-SES-MESSAGE-TAGS: expected name=value, with commas between them") }
                tags.append(try SESMessage.tag(parts[0], parts[1]))
            }
        }
        return tags
    }
}
