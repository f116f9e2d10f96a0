package import NIOCore

/// What a client has sent and was not read yet: lines of commands, or the bytes of a message.
///
/// Every line ends with CR LF and nothing else. No more is kept than an unfinished line may have.
package struct SubmissionInput {
    /// A line of a client.
    package enum Line: Equatable, Sendable {
        /// Its bytes without its end.
        case bytes([UInt8])
        /// It has a CR or LF alone, or NUL.
        case malformed
        /// It is longer than a line may be.
        case tooLong
    }

    /// The longest line: RFC 4954 section 4 asks for as much in `AUTH`.
    package static let lineLength = 12_288

    private var buffer = ByteBuffer()
    private var searched = 0
    private var isTooLong = false

    /// Nothing.
    package init() {}

    /// Whether there is nothing that was not read.
    package var isEmpty: Bool { buffer.readableBytes == 0 && !isTooLong }

    /// How many bytes are kept.
    package var count: Int { buffer.readableBytes }

    /// Adds bytes of the client.
    package mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
        if searched > buffer.readableBytes { searched = 0 }
    }

    /// Returns the next line; `nil` when more bytes are needed.
    package mutating func nextLine() -> Line? {
        let length = buffer.withUnsafeReadableBytes { bytes in bytes[searched...].firstIndex(of: 0x0A) }
        guard let length else {
            searched = buffer.readableBytes
            if searched > Self.lineLength { dropUnfinishedLine() }
            return nil
        }
        let line = buffer.readBytes(length: length + 1) ?? []
        searched = 0
        defer { isTooLong = false }
        guard !isTooLong, line.count <= Self.lineLength + 2 else { return .tooLong }
        let content = line.dropLast(2)
        guard line.count >= 2, line[line.count - 2] == 0x0D, !content.contains(where: { $0 == 0x0D || $0 == 0 }) else { return .malformed }
        return .bytes(Array(content))
    }

    private mutating func dropUnfinishedLine() {
        isTooLong = true
        searched = 0
        buffer.clear()
    }

    /// Reads bytes of a message.
    ///
    /// - Returns: whether the message has ended. What follows is kept.
    package mutating func readMessage(into message: inout MessageDecoder) -> Bool {
        defer { searched = 0 }
        return message.decode(&buffer)
    }
}

/// The bytes of a message as they are transferred behind `DATA` (RFC 5321 section 4.5.2).
///
/// A message ends with CR LF `.` CR LF, and with nothing else: servers that also take LF `.` LF or the like let a client smuggle in messages of
/// others. A dot is taken off only where a line begins behind a CR LF.
package struct MessageDecoder {
    private enum State {
        case lineStart
        case dot
        case dotReturn
        case line(afterReturn: Bool)
    }

    private var state = State.lineStart
    /// The message as far as it was read.
    package private(set) var bytes: [UInt8] = []
    /// Whether bytes are read and not kept any more.
    package private(set) var isDiscarding = false

    /// The beginning of a message.
    package init() {}

    /// Keeps nothing any more, but reads on to the end of the message.
    package mutating func discard() {
        isDiscarding = true
        bytes = []
    }

    /// Reads from a buffer up to the end of the message, or of the buffer.
    ///
    /// - Returns: whether the message has ended.
    package mutating func decode(_ buffer: inout ByteBuffer) -> Bool {
        buffer.readWithUnsafeReadableBytes { input in
            var index = 0
            while index < input.count {
                if advance(input, &index) { return (index, true) }
            }
            return (index, false)
        }
    }

    /// Reads the next byte, or lines up to the next dot that begins one.
    private mutating func advance(_ input: UnsafeRawBufferPointer, _ index: inout Int) -> Bool {
        switch state {
        case .lineStart:
            state = input[index] == UInt8(ascii: ".") ? .dot : .line(afterReturn: false)
            if case .dot = state { index += 1 }
        case .dot:
            state = input[index] == 0x0D ? .dotReturn : .line(afterReturn: false)
            if case .dotReturn = state { index += 1 }
        case .dotReturn:
            if input[index] == 0x0A {
                index += 1
                return true
            }
            append(CollectionOfOne(0x0D))
            state = .line(afterReturn: true)
        case .line(let afterReturn): readLines(input, &index, afterReturn: afterReturn)
        }
        return false
    }

    /// Reads up to a line that begins with a dot, or to the end of the buffer: whole pieces at once, as only dots mean something.
    private mutating func readLines(_ input: UnsafeRawBufferPointer, _ index: inout Int, afterReturn: Bool) {
        let start = index
        var next = start
        while let end = input[next...].firstIndex(of: 0x0A) {
            let isLineEnd = end > start ? input[end - 1] == 0x0D : afterReturn
            next = end + 1
            guard isLineEnd, next == input.count || input[next] == UInt8(ascii: ".") else { continue }
            append(UnsafeRawBufferPointer(rebasing: input[start..<next]))
            state = .lineStart
            return index = next
        }
        append(UnsafeRawBufferPointer(rebasing: input[start...]))
        state = .line(afterReturn: input[input.count - 1] == 0x0D)
        index = input.count
    }

    private mutating func append(_ input: some Collection<UInt8>) {
        if !isDiscarding { bytes.append(contentsOf: input) }
    }
}
