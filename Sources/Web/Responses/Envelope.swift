package import JSON
package import MailModel

/// `{"meta": {…}, "data": …}`: what the answers of section 4 stand in.
package enum Envelope {
    package struct Meta {
        /// When the answer was made.
        package var time: Timestamp
        /// The request's id in the log.
        package var transactionID: String

        package init(time: Timestamp, transactionID: String) {
            self.time = time
            self.transactionID = transactionID
        }
    }

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
