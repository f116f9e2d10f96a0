package import NIOCore

/// Decodes the requests in the bytes of a connection, in whatever pieces they arrive.
///
/// Lines are consumed as they arrive: no more than one unfinished line is buffered, up to ``PolicyLimits/lineLength``.
package struct PolicyRequestDecoder: NIOSingleStepByteToMessageDecoder {
    /// The decoder produces requests.
    package typealias InboundOut = PolicyRequest

    private var parser = PolicyRequestParser()
    /// How many of the readable bytes were searched for the end of a line.
    private var searched = 0

    /// Creates the decoder of one connection.
    package init() {}

    /// Returns the next request; `nil` when more bytes are needed.
    ///
    /// - Throws: ``PolicyFault``.
    package mutating func decode(buffer: inout ByteBuffer) throws -> PolicyRequest? {
        while let length = lineLength(in: buffer) {
            let request = try buffer.readWithUnsafeReadableBytes { bytes in
                (length + 1, try parser.parse(UnsafeRawBufferPointer(rebasing: bytes[..<length])))
            }
            searched = 0
            if let request { return request }
        }
        searched = buffer.readableBytes
        guard searched <= PolicyLimits.lineLength else { throw PolicyFault.lineTooLong }
        return nil
    }

    /// Decodes what is left at the end of the connection.
    ///
    /// An unfinished request is dropped.
    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> PolicyRequest? {
        try decode(buffer: &buffer)
    }

    private func lineLength(in buffer: ByteBuffer) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            bytes[searched...].firstIndex(of: UInt8(ascii: "\n"))
        }
    }
}
