import MIME
import MailModel

/// A field of a request: checks its value, and names the field in the refusal.
struct RequestField {
    /// Where the field stands in the request: `subject`, `cc[2]`, `attachments[0].filename`.
    let name: String

    init(_ name: String) {
        self.name = name
    }

    /// A refusal of this field, whose explanation begins with its name.
    func refusal(_ explanation: String) -> Refusal {
        .invalid(name, explanation)
    }

    /// Returns text for a header field: without control characters, and of at most `limit` bytes.
    @discardableResult
    func headerText(_ value: String, upTo limit: Int) throws(Refusal) -> String {
        do {
            try HeaderText.check(value, in: name)
        } catch {
            throw Refusal(.invalid, field: name, error.description)
        }
        guard value.utf8.count <= limit else { throw refusal("expected at most \(limit) bytes, found \(value.utf8.count)") }
        return value
    }

    /// Returns an identifier or a label; `nil` where there is none, or an empty one.
    func identifier(_ value: String?) throws(Refusal) -> String? {
        guard let value, !value.isEmpty else { return nil }
        return try headerText(value, upTo: ValidatedEmail.Limits.identifier)
    }

    /// Returns a text of the body.
    ///
    /// Not every database can store NUL, and no valid message contains it (RFC 5322 section 4).
    @discardableResult
    func bodyText(_ value: String) throws(Refusal) -> String {
        guard !value.utf8.contains(0) else { throw refusal("the character U+0000 is not allowed") }
        return value
    }

    /// Returns an email address.
    func address(_ value: String) throws(Refusal) -> EmailAddress {
        do {
            return try EmailAddress(value)
        } catch {
            throw refusal("\(error)")
        }
    }

    /// Returns an address with its display name, where it has one (RFC 5322 section 3.4).
    func mailbox(_ value: String) throws(Refusal) -> Mailbox {
        do throws(MailboxSyntax.Malformed) {
            return try MailboxSyntax.parse(value)
        } catch {
            throw refusal(error.reason)
        }
    }

    /// Returns a display name; `nil` where there is none, or nothing but blanks.
    func displayName(_ value: String?) throws(Refusal) -> String? {
        guard let value, !value.trimmed.isEmpty else { return nil }
        if let fault = Mailbox.fault(ofName: value) { throw refusal(fault) }
        return value
    }

    /// Returns the name of a mailbox that is given by itself, beside the mailbox, or in both places alike.
    ///
    /// - Parameters:
    ///   - field: the field with the mailbox.
    ///   - name: the name in it.
    func displayName(_ value: String?, beside field: String, _ name: String?) throws(Refusal) -> String? {
        let given = try displayName(value)
        guard let given, let name, given != name else { return given ?? name }
        throw refusal("differs from the name in \(field): give one of them, or the same in both")
    }

    /// Returns a time that is not later than `latest`.
    func time(_ value: String, atMost latest: Timestamp) throws(Refusal) -> Timestamp {
        guard let time = Timestamp(rfc3339: value) else {
            throw refusal("expected an RFC 3339 time with its offset, such as 2026-01-31T09:00:00+01:00")
        }
        guard time <= latest else { throw refusal("expected \(latest) at the latest, found \(time)") }
        return time
    }

    /// Returns the URL of a callback.
    func callbackURL(_ value: String) throws(Refusal) -> String {
        guard CallbackURL.read(value) != nil else {
            throw refusal(
                "expected a URL of at most \(CallbackURL.maximumLength) characters that begins with https:// or http:// and has a host")
        }
        return value
    }

    /// Returns header fields that customers may set.
    func headerFields(_ fields: [EmailContent.HeaderField]) throws(Refusal) -> [EmailContent.HeaderField] {
        guard fields.count <= ValidatedEmail.Limits.headers else {
            throw refusal("expected at most \(ValidatedEmail.Limits.headers) entries, found \(fields.count)")
        }
        for field in fields {
            do {
                try CustomHeader.check(name: field.name, value: field.value)
            } catch {
                throw refusal("\(error)")
            }
        }
        return fields
    }

    /// Returns the checked entries of a list, each of which is a field of its own: `callbacks[0]`.
    func list<Value>(
        _ values: [String], upTo limit: Int, _ check: (RequestField) -> (String) throws(Refusal) -> Value
    ) throws(Refusal) -> [Value] {
        guard values.count <= limit else { throw refusal("expected at most \(limit) entries, found \(values.count)") }
        var checks = FieldChecks()
        var checked: [Value] = []
        for (index, value) in values.enumerated() {
            checks.check { () throws(Refusal) in checked.append(try check(RequestField("\(name)[\(index)]"))(value)) }
        }
        try checks.finish()
        return checked
    }
}
