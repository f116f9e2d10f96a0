package import NIOCore

/// Makes requests of the bytes of a connection, however they are cut.
///
/// Lines are consumed as they come: no more than one unfinished line is ever kept, and that no longer than a line may be.
package struct PolicyRequestDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = PolicyRequest

    private var parser = PolicyRequestParser()
    /// How much of what is readable was found to be without a line's end.
    private var searched = 0

    package init() {}

    package mutating func decode(buffer: inout ByteBuffer) throws -> PolicyRequest? {
        while let length = lineLength(in: buffer) {
            let request = try buffer.readWithUnsafeReadableBytes { bytes in
                (length + 1, try parser.take(UnsafeRawBufferPointer(rebasing: bytes[..<length])))
            }
            searched = 0
            if let request { return request }
        }
        searched = buffer.readableBytes
        guard searched <= PolicyLimits.lineLength else { throw PolicyFault.lineTooLong }
        return nil
    }

    /// What is left of an unfinished request at the end of a connection is nobody's business.
    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> PolicyRequest? {
        try decode(buffer: &buffer)
    }

    private func lineLength(in buffer: ByteBuffer) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            bytes[searched...].firstIndex(of: UInt8(ascii: "\n"))
        }
    }
}
