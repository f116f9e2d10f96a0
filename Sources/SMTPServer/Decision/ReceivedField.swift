import MIME
import MailModel

/// The `Received` field of a message (RFC 5321 section 4.4), with the protocol by RFC 3848.
struct ReceivedField {
    private let text: String

    init(_ session: SubmissionSession, from host: String, by hostName: String, at time: Timestamp) {
        let name = (session.clientName ?? "unknown").filter { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_[]:".contains($0)) }
        let protocolName = "ESMTP" + (session.isUnderTLS ? "S" : "") + "A"
        text =
            "from \(name.prefix(200)) ([\(host)])\r\n by \(hostName) with \(protocolName);\r\n \(time.messageDate)"
    }

    /// The field with its line ends.
    var bytes: [UInt8] { Array("Received: \(text)\r\n".utf8) }
}
