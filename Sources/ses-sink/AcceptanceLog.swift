import Glibc

/// A log file with one line for each accepted message or callback, in the order of acceptance.
///
/// A line is one `write` to a descriptor in append mode: when `append` returns, the kernel has it, and it survives the end of this process.
struct AcceptanceLog: Sendable {
    private let descriptor: CInt

    /// Opens a file for appending, and creates it where it does not exist.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { throw CannotOpen(path: path, code: errno) }
    }

    /// Appends the line of a message.
    func append(_ message: AcceptedMessage) {
        append("\(message.acceptedAtMs) \(message.id) \(message.messageID)")
    }

    /// Appends a line.
    func append(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in
            let written = write(descriptor, bytes.baseAddress, bytes.count)
            precondition(written == bytes.count, "the log cannot be written, and a test without its log proves nothing")
        }
    }

    /// Returns the time in milliseconds since 1970, for lines of a log.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// A log file that cannot be opened.
    struct CannotOpen: Error {
        let path: String
        let code: CInt
    }
}

/// A message that the sink has accepted.
struct AcceptedMessage: Sendable {
    /// Milliseconds since 1970.
    let acceptedAtMs: Int
    /// The id that Martlet gave the message; `-` where it has none.
    let id: String
    /// The id that the sink gave the message.
    let messageID: String
}
