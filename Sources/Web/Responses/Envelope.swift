package import Hummingbird
package import JSON
package import MailModel
import NIOCore

/// `{"meta": {…}, "data": …}`: the form of the answers of specification 4.
package enum Envelope {
    /// The members of `meta` that every answer has.
    package struct Meta {
        /// When the answer was made.
        package var time: Timestamp
        /// The request's id in the log.
        package var transactionID: String

        /// - Parameters:
        ///   - time: when the answer was made.
        ///   - transactionID: the request's id in the log.
        package init(time: Timestamp, transactionID: String) {
            self.time = time
            self.transactionID = transactionID
        }
    }

    /// Writes an envelope.
    ///
    /// - Parameters:
    ///   - explain: what went wrong, in a sentence.
    ///   - error: the error that the answer is, for its code and its faulty fields.
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    package static func write(
        _ meta: Meta, explain: String? = nil, error: APIError? = nil, next: String? = nil, to writer: inout JSONWriter,
        data: (inout JSONWriter) -> Void
    ) {
        writer.object { envelope in
            envelope.member("meta") { writer in
                writer.object { object in
                    object.member("timestamp", meta.time.milliseconds)
                    object.member("transactionId", meta.transactionID)
                    if let explain { object.member("explain", explain) }
                    error?.writeReason(to: &object)
                    if let next { object.member("next", next) }
                }
            }
            envelope.member("data", data)
        }
    }
}

extension JSONAnswer {
    /// An answer in an envelope.
    ///
    /// - Parameters:
    ///   - request: the request that is answered.
    ///   - time: when the answer is made.
    ///   - transactionID: the id of an earlier request whose answer is repeated; `nil` for the present one's.
    ///   - explain: a sentence for the caller.
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    package static func envelope(
        _ request: APIRequest, _ status: HTTPResponse.Status = .ok, at time: Timestamp, transactionID: String? = nil,
        explain: String? = nil, next: String? = nil, data: (inout JSONWriter) -> Void
    ) -> JSONAnswer {
        let meta = Envelope.Meta(time: time, transactionID: transactionID ?? request.context.record.id)
        return JSONAnswer(status) { Envelope.write(meta, explain: explain, next: next, to: &$0, data: data) }
    }
}

extension Response {
    /// An answer in an envelope, as ``JSONAnswer/envelope(_:_:at:transactionID:explain:next:data:)``.
    package static func envelope(
        _ request: APIRequest, _ status: HTTPResponse.Status = .ok, at time: Timestamp, transactionID: String? = nil,
        explain: String? = nil, next: String? = nil, data: (inout JSONWriter) -> Void
    ) -> Response {
        Response(
            JSONAnswer.envelope(request, status, at: time, transactionID: transactionID, explain: explain, next: next, data: data))
    }

    /// A page of a list in an envelope; `meta.next` is there where more follows.
    ///
    /// - Parameters:
    ///   - found: one item more than `limit` shows that there are more; it is not written.
    ///   - next: returns the value of `after` that continues behind an item.
    package static func page<Items: Collection>(
        _ request: APIRequest, of found: Items, limit: Int, at time: Timestamp, next: (Items.Element) -> String,
        write: (Items.Element, inout JSONWriter) -> Void
    ) -> Response {
        let page = Array(found.prefix(limit))
        return .page(request, of: page, at: time, next: found.count > limit ? page.last.map(next) : nil, write: write)
    }

    /// A page of a list in an envelope.
    ///
    /// - Parameter next: where the next page begins; `nil` where there is none.
    package static func page<Item>(
        _ request: APIRequest, of page: [Item], at time: Timestamp, next: String?, write: (Item, inout JSONWriter) -> Void
    ) -> Response {
        .envelope(request, at: time, next: next) { writer in
            writer.array { array in
                for item in page { write(item, &array) }
            }
        }
    }

    /// A list in an envelope that is written while it is sent, so that it is not in memory as a whole.
    package static func streamed<Item: Sendable>(
        _ request: APIRequest, at time: Timestamp, _ items: [Item], write: @escaping @Sendable (Item, inout JSONWriter) -> Void
    ) -> Response {
        var frame = JSONWriter()
        Envelope.write(Envelope.Meta(time: time, transactionID: request.context.record.id), to: &frame) { $0.array { _ in } }
        // The array is empty, and ends the envelope.
        let (head, tail) = (Array(frame.bytes.dropLast(2)), Array(frame.bytes.suffix(2)))
        let body = ResponseBody { writer in
            var piece = ByteBuffer(bytes: head)
            for (index, item) in items.enumerated() {
                var json = JSONWriter()
                write(item, &json)
                if index > 0 { piece.writeInteger(UInt8(ascii: ",")) }
                piece.writeBytes(json.bytes)
                guard piece.readableBytes >= Self.streamedPiece else { continue }
                try await writer.write(piece)
                piece = ByteBuffer()
            }
            piece.writeBytes(tail)
            try await writer.write(piece)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    /// The least bytes of a piece of a streamed answer, but for the last one.
    private static let streamedPiece = 64 << 10
}
