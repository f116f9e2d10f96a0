import Glibc

/// Standard output and standard error, written without a buffer: a line is visible as soon as it is written.
package enum StandardStream: Sendable {
    /// File descriptor 1.
    case output
    /// File descriptor 2.
    case error

    private var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }

    /// Whether the stream is a terminal.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all bytes, in as many calls as that takes.
    ///
    /// On an error the rest is dropped: there is nowhere left to report it.
    package func write(_ bytes: [UInt8]) {
        _ = writeAll(bytes[...])
    }

    /// Writes all bytes, in as many calls as that takes.
    ///
    /// - Returns: false on an error, which is in `errno`.
    package func writeAll(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return false }
            }
            return true
        }
    }

    /// Writes a text in UTF-8.
    package func write(_ text: String) {
        write(Array(text.utf8))
    }
}
