/// The grammar of the value of a header field that customers may set (RFC 5322 section 2.2).
enum FieldGrammar: Equatable {
    /// Message ids in angle brackets (RFC 5322 section 3.6.4).
    case messageIDs
    /// Addresses with optional names (RFC 5322 section 3.4), without groups and comments.
    case mailboxes
    /// Keywords and the like, separated by commas (RFC 5322 section 3.6.5).
    case phrases
    /// URIs in angle brackets (RFC 2369 section 2, RFC 5064 section 2), or a word where the field has one.
    case uris(word: String?)
    /// A name and an identifier in angle brackets (RFC 2919 section 2).
    case listID
    /// Words of ASCII: tokens, dates, numbers.
    case ascii
    /// Free text (RFC 5322 section 2.2.1).
    case text

    /// Returns the grammar of a field by its name in any case.
    ///
    /// A field without a definition is free text.
    static func of(_ name: String) -> FieldGrammar {
        table[name.lowercased()] ?? .text
    }

    private static let table: [String: FieldGrammar] = {
        let fields: [(FieldGrammar, String)] = [
            (.messageIDs, "in-reply-to references original-message-id supersedes obsoletes x-original-message-id x-forwarded-message-id"),
            (
                .mailboxes,
                """
                disposition-notification-to return-receipt-to read-receipt-to x-confirm-reading-to abuse-reports-to \
                x-abuse-reports-to mail-followup-to mail-reply-to x-reply-to
                """
            ),
            (.phrases, "keywords"),
            (.uris(word: nil), "list-help list-subscribe list-owner list-archive list-archived-at archived-at"),
            (.uris(word: "NO"), "list-post"),
            (.listID, "list-id"),
            (
                .ascii,
                """
                auto-submitted precedence importance priority sensitivity x-priority x-msmail-priority x-auto-response-suppress feedback-id \
                disposition-notification-options expires expiry-date reply-by deferred-delivery latest-delivery-time conversion \
                accept-language autocrypt bimi-selector tls-required require-recipient-valid-since message-context mt-priority solicitation \
                original-recipient alternate-recipient prevent-nondelivery-report
                """
            ),
        ]
        return fields.reduce(into: [:]) { table, entry in
            for name in entry.1.split(separator: " ") { table[String(name)] = entry.0 }
        }
    }()
}
