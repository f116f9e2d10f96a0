import Hummingbird
package import NIOCore

extension APIRequest {
    /// How long a body may take to arrive once its first bytes are there. Connections on which nothing moves are closed by the idle time-out.
    private static let slowestBody = TimeAmount.seconds(60)
    /// How long a client may go on sending what was refused, before its connection is closed: at once, it would not see the answer.
    private static let lingering = TimeAmount.seconds(5)

    /// The whole body.
    ///
    /// - Throws: ``APIError`` 413 for a longer one, as soon as that is known; 400 for one that ends before its `Content-Length`.
    package func body(upTo limit: Int) async throws -> ByteBuffer {
        let length = request.headers[.contentLength].flatMap(Int.init)
        if let length, length > limit { throw refuseBody(over: limit) }
        if length == 0 || (length == nil && request.headers[.transferEncoding] == nil) { return ByteBuffer() }
        var chunks = request.body.makeAsyncIterator()
        guard var body = try await next(&chunks) else {
            // Many clients send no bytes in chunks.
            guard length == nil else { throw Self.incomplete }
            return ByteBuffer()
        }
        if body.readableBytes == length { return body }
        let deadline = context.channel.eventLoop.scheduleTask(in: Self.slowestBody) { [channel = context.channel] in
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        while body.readableBytes != length, var chunk = try await next(&chunks) {
            guard body.readableBytes + chunk.readableBytes <= limit else { throw refuseBody(over: limit) }
            body.writeBuffer(&chunk)
        }
        guard body.readableBytes <= limit else { throw refuseBody(over: limit) }
        guard length == nil || body.readableBytes == length else { throw Self.incomplete }
        return body
    }

    /// Passes on the body piece by piece: the next is read when the one before was taken, so that a slow disk slows the sender down.
    ///
    /// - Throws: as ``body(upTo:)``, and what `take` throws.
    package func consumeBody(upTo limit: Int, _ take: (ByteBuffer) async throws -> Void) async throws {
        let length = request.headers[.contentLength].flatMap(Int.init)
        if let length, length > limit { throw refuseBody(over: limit) }
        var chunks = request.body.makeAsyncIterator()
        var count = 0
        do {
            while count != length, let chunk = try await next(&chunks) {
                count += chunk.readableBytes
                guard count <= limit else { throw refuseBody(over: limit) }
                try await take(chunk)
            }
        } catch var error as APIError {
            if count != length { closeLater(&error) }
            throw error
        }
        guard length == nil || count == length else { throw Self.incomplete }
    }

    /// - Throws: ``APIError`` 400 for bytes that are no HTTP, such as a chunk without a length.
    private func next(_ chunks: inout RequestBody.AsyncIterator) async throws(APIError) -> ByteBuffer? {
        do {
            return try await chunks.next()
        } catch {
            throw APIError(.badRequest, "The body could not be read to its end", headers: [.connection: "close"])
        }
    }

    private static let incomplete = APIError(.badRequest, "The body ends before its Content-Length")

    private func refuseBody(over limit: Int) -> APIError {
        var error = APIError(.contentTooLarge, "The body is larger than \(limit) bytes")
        closeLater(&error)
        return error
    }

    /// Ends a connection on which the rest of a body is still coming.
    private func closeLater(_ error: inout APIError) {
        guard error.headers[.connection] == nil else { return }
        error.headers[.connection] = "close"
        _ = context.channel.eventLoop.scheduleTask(in: Self.lingering) { [channel = context.channel] in
            channel.close(promise: nil)
        }
    }
}
