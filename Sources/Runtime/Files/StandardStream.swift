import Glibc

/// Standard output and standard error, written without a buffer: whoever reads along sees a line when it is written.
package enum StandardStream: Sendable {
    case output, error

    private var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }

    /// True where people read it as it is written.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all bytes, however many calls it takes. What cannot be written is dropped: there is nowhere left to say so.
    package func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    package func write(_ text: String) {
        write(Array(text.utf8))
    }
}
