package import Hummingbird
package import JSON
package import MailModel

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
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    package static func write(
        _ meta: Meta, explain: String? = nil, next: String? = nil, to writer: inout JSONWriter, data: (inout JSONWriter) -> Void
    ) {
        writer.object { envelope in
            envelope.member("meta") { writer in
                writer.object { object in
                    object.member("timestamp", meta.time.milliseconds)
                    object.member("transactionId", meta.transactionID)
                    if let explain { object.member("explain", explain) }
                    if let next { object.member("next", next) }
                }
            }
            envelope.member("data", data)
        }
    }
}

extension Response {
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
    ) -> Response {
        let meta = Envelope.Meta(time: time, transactionID: transactionID ?? request.context.record.id)
        return .json(status) { Envelope.write(meta, explain: explain, next: next, to: &$0, data: data) }
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
        return .envelope(request, at: time, next: found.count > limit ? page.last.map(next) : nil) { writer in
            writer.array { array in
                for item in page { write(item, &array) }
            }
        }
    }
}
