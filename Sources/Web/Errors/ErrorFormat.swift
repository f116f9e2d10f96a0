package import Hummingbird
package import JSON
package import MailModel

/// The two forms of error bodies (specification 13.4).
///
/// Each route declares its own.
package enum ErrorFormat: Sendable {
    /// `{"detail": "…", "code": "…"}`: beside answers that are bare objects.
    case detail
    /// `{"meta": {…, "explain": "…", "code": "…"}, "data": {…}}`: beside answers in envelopes.
    case envelope

    /// Renders an error.
    ///
    /// - Parameter meta: for the envelope.
    package func response(_ error: APIError, meta: Envelope.Meta) -> Response {
        Response.json(error.status, headers: error.headers) { writer in
            switch self {
            case .detail:
                writer.object { object in
                    object.member("detail", error.message)
                    error.writeReason(to: &object)
                }
            case .envelope:
                Envelope.write(meta, explain: error.message, error: error, to: &writer) { writer in
                    writer.object { data in
                        if let status = error.emailStatus { data.member("status", status.rawValue) }
                    }
                }
            }
        }
    }
}

extension APIError {
    /// Writes the members `code`, and `errors` where fields are at fault.
    func writeReason(to object: inout JSONWriter) {
        object.member("code", code.rawValue)
        if !faults.isEmpty { object.member("errors", faults) }
    }
}

extension FieldFault: JSONWritable {
    /// Writes the fault as an object.
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("field", field)
            object.member("code", code.rawValue)
            object.member("message", message)
        }
    }
}
