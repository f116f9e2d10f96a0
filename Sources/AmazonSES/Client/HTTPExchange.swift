import AsyncHTTPClient
import NIOCore
import Synchronization

/// A request; its `Host` header comes from the URL unless it is given.
struct OutgoingRequest: Sendable {
    var method = "GET"
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
}

/// The answer to a request.
struct HTTPAnswer: Sendable {
    var status: Int
    var body: [UInt8]
    /// The name of the error in AWS's JSON services: `NotFoundException`.
    var errorType: String?
}

/// No answer, or one that was too large.
struct HTTPFailure: Error {
    /// The client's description of the error, for logs.
    var reason: String
    /// Whether the first byte of the body was read.
    ///
    /// Before that, nothing was sent that the server could act on.
    ///
    /// It is observed at the body itself, because errors do not tell it: the same "connection closed" comes before and after.
    var bodyWasSent: Bool
    var isTooLarge = false
}

extension HTTPFailure {
    init(_ error: any Error, bodyWasSent: Bool) {
        let reason = (error as? HTTPClientError)?.shortDescription ?? String(describing: type(of: error))
        self.init(reason: reason, bodyWasSent: bodyWasSent, isTooLarge: error is NIOTooManyBytesError)
    }
}

/// Records that a request's body began to be sent.
final class SentMark: Sendable {
    private let mark = Atomic(false)

    var isSet: Bool { mark.load(ordering: .acquiring) }

    func set() {
        mark.store(true, ordering: .releasing)
    }
}

/// A body that records when the connection reads it.
///
/// It is sent in pieces, as a second copy of a large message would take as much memory again.
struct MarkingBody: AsyncSequence, Sendable {
    private static let piece = 256 << 10

    let bytes: [UInt8]
    let mark: SentMark

    struct AsyncIterator: AsyncIteratorProtocol {
        var unsent: ArraySlice<UInt8>
        let mark: SentMark

        mutating func next() -> ByteBuffer? {
            mark.set()
            guard !unsent.isEmpty else { return nil }
            defer { unsent = unsent.dropFirst(MarkingBody.piece) }
            return ByteBuffer(bytes: unsent.prefix(MarkingBody.piece))
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(unsent: bytes[...], mark: mark)
    }
}
