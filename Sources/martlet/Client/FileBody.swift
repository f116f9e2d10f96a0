import Foundation
import NIOCore

/// The content of a file or of standard input as the body of a request, read piece by piece as it is sent.
struct FileBody: AsyncSequence, Sendable {
    private static let pieceSize = 64 * 1024

    private let file: FileHandle
    /// The length in bytes; `nil` for standard input.
    let length: Int64?
    private let didRead: @Sendable (Int) -> Void

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the path of the file; `-` for standard input.
    ///   - didRead: called with the number of bytes of each piece.
    init(path: String, didRead: @escaping @Sendable (Int) -> Void) throws {
        self.didRead = didRead
        if path == "-" {
            (file, length) = (.standardInput, nil)
            return
        }
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else {
            throw CommandFailure("\(path): cannot be read")
        }
        try file.seek(toOffset: 0)
        (self.file, length) = (file, Int64(end))
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let body: FileBody

        func next() throws -> ByteBuffer? {
            guard let piece = try body.file.read(upToCount: FileBody.pieceSize), !piece.isEmpty else { return nil }
            body.didRead(piece.count)
            return ByteBuffer(bytes: piece)
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(body: self)
    }
}
