package import Hummingbird
package import JSON
package import MailModel

extension Response {
    /// The answer to a call of section 4.
    ///
    /// - Parameters:
    ///   - time: when the answer is made.
    ///   - transactionID: of the request that is answered; the present one's where it is `nil`.
    ///   - explain: what the caller should know, in a sentence.
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    package static func envelope(
        _ call: APIRequest, _ status: HTTPResponse.Status = .ok, at time: Timestamp, transactionID: String? = nil, explain: String? = nil,
        next: String? = nil, data: (inout JSONWriter) -> Void
    ) -> Response {
        let meta = Envelope.Meta(time: time, transactionID: transactionID ?? call.context.record.id)
        return .json(status) { Envelope.write(meta, explain: explain, next: next, to: &$0, data: data) }
    }

    /// A page of a list in an envelope; `meta.next` is there where more follows.
    ///
    /// - Parameters:
    ///   - found: one item more than `limit` shows that there is more; it is not written.
    ///   - next: what the next call gives as `after` to begin behind an item.
    package static func page<Items: Collection>(
        _ call: APIRequest, of found: Items, limit: Int, at time: Timestamp, next: (Items.Element) -> String,
        write: (Items.Element, inout JSONWriter) -> Void
    ) -> Response {
        let page = Array(found.prefix(limit))
        return .envelope(call, at: time, next: found.count > limit ? page.last.map(next) : nil) { writer in
            writer.array { array in
                for item in page { write(item, &array) }
            }
        }
    }
}
