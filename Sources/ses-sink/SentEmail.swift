import Encoding
import JSON
import NIOCore

/// A raw email as `SendEmail` has it.
struct SentEmail: Sendable {
    /// The sender's domain, in lower case.
    let domain: String
    let configurationSet: String?
    let tenant: String?
    /// The id that Martlet gave the message: the SES tag `martlet-id`, or else the header `X-Martlet-Id`.
    ///
    /// The tag is read first, since the header requires the whole message to be decoded.
    let id: String?

    init?(_ body: ByteBuffer) {
        guard let object = (try? JSONValue.parseLeniently(body.readableBytesView))?.objectValue,
            let sender = object["FromEmailAddress"]?.stringValue, let domain = sender.split(separator: "@").last,
            let data = object["Content"]?.objectValue?["Raw"]?.objectValue?["Data"]?.stringValue
        else { return nil }
        self.domain = domain.lowercased()
        configurationSet = object["ConfigurationSetName"]?.stringValue
        tenant = object["TenantName"]?.stringValue
        id = Self.tag(object) ?? Self.header(of: data)
    }

    private static func tag(_ object: JSONObject) -> String? {
        for tag in object["EmailTags"]?.arrayValue ?? [] where tag.objectValue?["Name"]?.stringValue == "martlet-id" {
            return tag.objectValue?["Value"]?.stringValue
        }
        return nil
    }

    private static func header(of data: String) -> String? {
        guard let message = try? Base64.decode(data) else { return nil }
        let head = String(decoding: message.prefix(16_384), as: UTF8.self)
        for line in head.split(separator: "\r\n", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "x-martlet-id" { return parts[1].split(separator: " ").first.map(String.init) }
        }
        return nil
    }
}
