import Foundation
import NIOCore

/// A file, or standard input, on its way to the server: read piece by piece as the connection takes it.
struct FileBody: AsyncSequence, Sendable {
    private static let pieceSize = 64 * 1024

    private let file: FileHandle
    /// In bytes; `nil` for what is piped in.
    let length: Int64?
    private let didRead: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - path: `-` for standard input.
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
