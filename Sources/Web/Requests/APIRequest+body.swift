import Hummingbird
package import NIOCore

extension APIRequest {
    /// The time limit for a body after its first bytes.
    ///
    /// Idle connections are closed by the server's idle time-out.
    private static let slowestBody = TimeAmount.seconds(60)
    /// The time until the connection of a refused body is closed: were it closed at once, the client would not see the answer.
    private static let lingering = TimeAmount.seconds(5)

    /// Reads the whole body.
    ///
    /// Memory is asked for before it is read: at once for a caller that is known, as it comes in for others, who may promise anything.
    ///
    /// - Throws: ``APIError`` 413 for a longer one, as soon as that is known; 400 for one that ends before its `Content-Length`; 503 where
    ///   other requests hold too much memory.
    package func body(upTo limit: Int) async throws -> ByteBuffer {
        let length = headers[.contentLength].flatMap(Int.init)
        if let length, length > limit { throw refuseBody(over: limit) }
        if length == 0 || (length == nil && headers[.transferEncoding] == nil) { return ByteBuffer() }
        let reserved = context.record.isIdentified ? length ?? 0 : 0
        guard context.reserve(reserved) else { throw refuseWithoutMemory() }
        var chunks = httpRequest.body.makeAsyncIterator()
        guard var body = try await next(&chunks) else {
            // Many clients send an empty body chunked.
            guard length == nil else { throw Self.incomplete }
            return ByteBuffer()
        }
        guard context.reserve(max(0, body.readableBytes - reserved)) else { throw refuseWithoutMemory() }
        if body.readableBytes == length { return body }
        let deadline = context.channel.eventLoop.scheduleTask(in: Self.slowestBody) { [channel = context.channel] in
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        body.reserveCapacity(reserved)
        while body.readableBytes != length, var chunk = try await next(&chunks) {
            guard body.readableBytes + chunk.readableBytes <= limit else { throw refuseBody(over: limit) }
            if reserved == 0, !context.reserve(chunk.readableBytes) { throw refuseWithoutMemory() }
            body.writeBuffer(&chunk)
        }
        guard body.readableBytes <= limit else { throw refuseBody(over: limit) }
        guard length == nil || body.readableBytes == length else { throw Self.incomplete }
        return body
    }

    /// Reserves memory for a body that has been read.
    ///
    /// - Returns: false where other requests hold too much.
    package func reserve(_ body: ByteBuffer) -> Bool {
        context.reserve(body.readableBytes)
    }

    /// Passes the body on in pieces.
    ///
    /// A piece is read when the one before was consumed, so that a slow disk slows the sender down.
    ///
    /// - Throws: as ``body(upTo:)``, and what `consume` throws.
    package func consumeBody(upTo limit: Int, _ consume: (ByteBuffer) async throws -> Void) async throws {
        let length = headers[.contentLength].flatMap(Int.init)
        if let length, length > limit { throw refuseBody(over: limit) }
        var chunks = httpRequest.body.makeAsyncIterator()
        var count = 0
        do {
            while count != length, let chunk = try await next(&chunks) {
                count += chunk.readableBytes
                guard count <= limit else { throw refuseBody(over: limit) }
                try await consume(chunk)
            }
        } catch var error as APIError {
            if count != length { closeLater(&error) }
            throw error
        }
        guard length == nil || count == length else { throw Self.incomplete }
    }

    /// - Throws: ``APIError`` 400 for bytes that are not HTTP, such as a chunk without a length.
    private func next(_ chunks: inout RequestBody.AsyncIterator) async throws(APIError) -> ByteBuffer? {
        do {
            return try await chunks.next()
        } catch {
            throw APIError(.badRequest, "The body could not be read to its end", headers: [.connection: "close"])
        }
    }

    /// Reserves memory for what is made of the body, until the request is answered.
    ///
    /// - Throws: ``APIError`` 503 where other requests hold too much.
    package func reserve(_ bytes: Int) throws(APIError) {
        guard context.reserve(bytes) else { throw refuseWithoutMemory() }
    }

    private static let incomplete = APIError(.badRequest, "The body ends before its Content-Length")

    private func refuseBody(over limit: Int) -> APIError {
        var error = APIError(.contentTooLarge, "The body is larger than \(limit) bytes")
        closeLater(&error)
        return error
    }

    func refuseWithoutMemory() -> APIError {
        var error = APIError(
            .serviceUnavailable, "The requests of this moment hold all the memory that they may: try again in a second",
            headers: [.retryAfter: "1"])
        closeLater(&error)
        return error
    }

    /// Closes the connection of a body that is still arriving.
    private func closeLater(_ error: inout APIError) {
        guard error.headers[.connection] == nil else { return }
        error.headers[.connection] = "close"
        _ = context.channel.eventLoop.scheduleTask(in: Self.lingering) { [channel = context.channel] in
            channel.close(promise: nil)
        }
    }
}
