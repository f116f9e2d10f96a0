import FoundationEssentials

extension FormBody {
    /// The sender's own id of the message: the SES tag `martlet-id` or, without one, the header `X-Martlet-Id`.
    ///
    /// The tag is tried first because the header costs a decoding of the whole message.
    var martletID: String? {
        idFromTag ?? idFromHeader
    }

    private var idFromTag: String? {
        for number in 1...50 {
            guard let name = self["Tags.member.\(number).Name"] else { return nil }
            if name == "martlet-id" { return self["Tags.member.\(number).Value"] }
        }
        return nil
    }

    private var idFromHeader: String? {
        guard let encoded = self["RawMessage.Data"], let message = Data(base64Encoded: encoded) else { return nil }
        let head = String(decoding: message.prefix(16_384), as: UTF8.self)
        for line in head.split(separator: "\r\n", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "x-martlet-id" { return parts[1].split(separator: " ").first.map(String.init) }
        }
        return nil
    }
}
