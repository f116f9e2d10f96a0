import MailModel
import NIOCore

/// A message under way to a relay.
struct OutboundMessage: Sendable {
    var sender: EmailAddress
    var recipient: EmailAddress
    /// The message as it is sent after `DATA`.
    var content: ByteBuffer
    /// When the relay must have accepted it.
    var deadline: NIODeadline
    /// Succeeds when the relay has accepted the message.
    var isAccepted: EventLoopPromise<Void>
}

extension ByteBuffer {
    /// A message as it is sent after `DATA`: a dot at the beginning of a line is doubled, and a line with one dot ends it
    /// (RFC 5321 section 4.5.2).
    ///
    /// - Parameter message: a message whose lines end with CR LF.
    init(dotStuffing message: [UInt8]) {
        self.init()
        reserveCapacity(message.count + message.count / 64 + 8)
        var start = 0
        var isLineStart = true
        for (index, byte) in message.enumerated() {
            if isLineStart, byte == UInt8(ascii: ".") {
                writeBytes(message[start..<index])
                writeInteger(UInt8(ascii: "."))
                start = index
            }
            isLineStart = byte == UInt8(ascii: "\n")
        }
        writeBytes(message[start...])
        writeString(isLineStart ? ".\r\n" : "\r\n.\r\n")
    }
}
