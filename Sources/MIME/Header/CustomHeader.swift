import MailModel

/// Which header fields customers may set themselves (`headers` of `POST /emails`).
package enum CustomHeader {
    /// Why a field must not be set.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// A sentence for people.
        package let description: String
    }

    /// Refuses fields that determine structure, routing and identity of the message, those of this service, and those by which senders
    /// control SES and other relays: they would act with the operator's account there.
    ///
    /// Also refuses values with control characters, and values that the grammar of the field does not allow (``FieldGrammar``).
    package static func check(name: String, value: String) throws(Invalid) {
        guard HeaderSyntax.isFieldName(name) else {
            throw Invalid(description: "A header name consists of 1 to 76 letters, digits and hyphens.")
        }
        let key = name.lowercased()
        guard !reserved.contains(key), !reservedPrefixes.contains(where: key.hasPrefix) else {
            throw Invalid(description: "The header \(name) cannot be set: it is set by the service itself.")
        }
        guard !controlsRelay(key) else {
            throw Invalid(description: "The header \(name) cannot be set: it controls the service that delivers the message.")
        }
        do throws(HeaderText.Invalid) {
            try HeaderText.check(value, in: "The value of the header \(name)")
        } catch {
            throw Invalid(description: error.description)
        }
        do throws(FieldValue.Malformed) {
            _ = try FieldValue(value, of: .of(name))
        } catch {
            throw Invalid(description: "The value of the header \(name) is not valid: \(error.reason).")
        }
    }

    /// Whether a field controls a service that delivers messages, with the rights of whoever hands it over.
    ///
    /// - Parameter name: in lower case.
    package static func controlsRelay(_ name: String) -> Bool {
        relayPrefixes.contains(where: name.hasPrefix)
    }

    private static let reserved: Set<String> = [
        "from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "mime-version",
        "return-path", "received", "received-spf", "delivered-to", "envelope-to", "x-original-to", "apparently-to", "errors-to",
        "dkim-signature", "domainkey-signature", "authentication-results",
    ]
    private static let reservedPrefixes = ["content-", "resent-", "arc-", "list-unsubscribe", "x-martlet-"]

    /// Amazon SES, SendGrid, Mailgun, Mailchimp (Mandrill), Postmark, SparkPost, Mailjet, Brevo, Elastic Email, SMTP2GO, Exchange: fields
    /// that change recipients, templates, tracking, tenants or spam marks.
    ///
    /// `Feedback-ID` stays allowed: it names a campaign to Gmail, and controls nothing.
    private static let relayPrefixes = [
        "x-ses-", "x-amzn-", "x-smtpapi", "x-sg-", "x-sendgrid-", "x-mailgun-", "x-mc-", "x-mandrill-", "x-pm-", "x-postmark", "x-msys-",
        "x-sparkpost-",
        "x-mj-", "x-mailjet-", "x-mailin-", "x-sib-", "x-elasticemail-", "x-smtp2go-", "x-ms-exchange-",
    ]
}
