import Glibc

/// A file of what was accepted, one line each, in the order of acceptance.
///
/// A line is one `write` to a descriptor in append mode: it is with the kernel, and survives the death of this process, when `append` returns.
struct AcceptanceLog: Sendable {
    private let descriptor: CInt

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { throw CannotOpen(path: path, code: errno) }
    }

    func append(_ message: AcceptedMessage) {
        append("\(message.acceptedAtMs) \(message.id) \(message.messageID)")
    }

    func append(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in
            let written = write(descriptor, bytes.baseAddress, bytes.count)
            precondition(written == bytes.count, "the log cannot be written, and a test without its log proves nothing")
        }
    }

    struct CannotOpen: Error {
        let path: String
        let code: CInt
    }
}

/// One message that the sink took over.
struct AcceptedMessage: Sendable {
    /// Milliseconds since 1970.
    let acceptedAtMs: Int
    /// The sender's own id of the message, `-` when it carried none.
    let id: String
    /// The id given by the sink.
    let messageID: String
}

/// Milliseconds since 1970.
func nowInMilliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Writes a line to standard output at once, also through a pipe: a parent process waits for it.
func announce(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
