import NIOCore

extension ByteBuffer {
    /// A message as it goes over the wire behind `DATA`: a dot at the beginning of a line is doubled, and a line with one dot ends it
    /// (RFC 5321 section 4.5.2).
    ///
    /// - Parameter message: its lines end in CR LF.
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
