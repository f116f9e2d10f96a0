import Hummingbird
import JSON
import MailModel

extension Response {
    /// The answer to a call of section 4.
    ///
    /// - Parameters:
    ///   - time: when the answer is made.
    ///   - explain: what the caller should know, in a sentence.
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    static func envelope(
        _ call: Call, _ status: HTTPResponse.Status = .ok, at time: Timestamp, explain: String? = nil, next: String? = nil,
        data: (inout JSONWriter) -> Void
    ) -> Response {
        let meta = Envelope.Meta(time: time, transactionID: call.context.record.id)
        return .json(status) { Envelope.write(meta, explain: explain, next: next, to: &$0, data: data) }
    }
}

extension Schema {
    /// `{"meta": …, "data": …}`.
    static func envelope(_ data: Schema) -> Schema {
        .object([.init("meta", .reference("Meta")), .init("data", data)])
    }
}
