package import Hummingbird
import JSON
import MailModel

/// The two forms of error bodies (specification 13.1).
package enum ErrorFormat {
    /// `{"detail": "…"}`: domains, outbound control, keys, accounts, webhooks.
    case detail
    /// `{"meta": {…, "explain": "…"}, "data": {…}}`: everything of specification 4.
    case envelope

    private static let envelopeFamilies: Set<Substring> = [
        "emails", "suppressions", "callback-endpoints", "callback-secret", "callback-deliveries", "senders", "subscriptions", "reports",
        "templates",
    ]

    /// The form for the family of resources that a path belongs to, also where the path itself is unknown.
    package init(path: String) {
        let family = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true).first ?? ""
        self = Self.envelopeFamilies.contains(family) ? .envelope : .detail
    }

    /// Renders an error.
    ///
    /// - Parameter meta: for the envelope.
    package func response(_ error: APIError, meta: Envelope.Meta) -> Response {
        Response.json(error.status, headers: error.headers) { writer in
            switch self {
            case .detail:
                writer.object { $0.member("detail", error.message) }
            case .envelope:
                Envelope.write(meta, explain: error.message, to: &writer) { writer in
                    writer.object { data in
                        if let status = error.emailStatus { data.member("status", status.rawValue) }
                    }
                }
            }
        }
    }
}
