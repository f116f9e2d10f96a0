import JSON
import MailModel

/// `{"meta": {…}, "data": …}`: what the answers of section 4 stand in.
enum Envelope {
    struct Meta {
        /// When the answer was made.
        var time: Timestamp
        /// The request's id in the log.
        var transactionID: String
    }

    /// - Parameters:
    ///   - explain: what went wrong, in a sentence.
    ///   - next: where the next page of a list begins, `after` of the next call.
    ///   - data: writes one value.
    static func write(
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
