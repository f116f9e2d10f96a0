import JSON
import MailModel
import Sending

extension Submission.Acceptance {
    /// Writes `data` of `POST /emails`, in the order of the specification, and the copies where there are any.
    func writeFields(to object: inout JSONWriter) {
        email.write(withText: true, to: &object)
        email.writeCopies(copies, to: &object)
    }
}

extension SentEmails.Found {
    /// Writes `data` of `GET /emails/{id}`.
    func write(to writer: inout JSONWriter) {
        writer.object {
            email.write(withText: true, to: &$0)
            email.writeState(to: &$0)
            email.writeCopies(copies, to: &$0)
            email.writeAttachments(to: &$0)
            $0.member("timeline") { writer in writer.array { for entry in timeline { entry.write(to: &$0) } } }
        }
    }
}

extension Email {
    /// Writes an email in a list, without its text, which may be large.
    func writeSummary(to writer: inout JSONWriter) {
        writer.object {
            write(withText: false, to: &$0)
            writeState(to: &$0)
        }
    }

    fileprivate func write(withText: Bool, to object: inout JSONWriter) {
        object.member("id", id.description)
        object.member("to", recipient.description)
        object.member("from", sender.description)
        object.member("userName", userName)
        object.member("operator", operatorName)
        if withText { object.member("text", content.text) }
        object.member("status", status.rawValue)
        object.member("subject", content.subject)
        object.member("externalId", externalID)
        object.member("clientId", clientID)
        object.member("callbacks", content.callbacks)
        object.member("alias", content.alias)
        // Only where the request had them.
        if let category = content.category { object.member("category", category.rawValue) }
        if let sendAt = content.sendAt { object.member("sendAt", sendAt.description) }
    }

    fileprivate func writeState(to object: inout JSONWriter) {
        object.member("createdAt", createdAt.description)
        object.member("updatedAt", updatedAt.description)
        object.member("attempts", attempts)
        if let copyOf {
            object.member("copyOf", copyOf.id.description)
            object.member("kind", copyOf.kind.rawValue)
        }
    }

    /// Writes the other recipients of the message and the status of each of these emails, where there are any.
    fileprivate func writeCopies(_ statuses: [EmailID: EmailStatus], to object: inout JSONWriter) {
        guard let recipients = content.recipients else { return }
        for kind in EmailCopy.Kind.allCases where kind == .cc || copyOf == nil {
            object.member(kind.rawValue, recipients.addresses(kind).map(\.description))
        }
        guard copyOf == nil else { return }
        object.member("copies") { writer in
            writer.array { writer in
                for copy in recipients.copies {
                    writer.object {
                        $0.member("id", copy.id.description)
                        $0.member("address", copy.address.description)
                        $0.member("kind", copy.kind.rawValue)
                        if let status = statuses[copy.id] { $0.member("status", status.rawValue) }
                    }
                }
            }
        }
    }

    fileprivate func writeAttachments(to object: inout JSONWriter) {
        guard !content.attachments.isEmpty else { return }
        object.member("attachments") { writer in
            writer.array { writer in
                for attachment in content.attachments {
                    writer.object {
                        $0.member("filename", attachment.filename)
                        $0.member("contentType", attachment.contentType)
                        $0.member("size", attachment.size)
                        if let id = attachment.contentID { $0.member("contentId", id) }
                    }
                }
            }
        }
    }
}

extension TimelineEntry {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("status", status)
            $0.member("at", at.description)
            if let explanation { $0.member("explain", explanation) }
            if let details, let object = try? JSONValue.parse(details.utf8) { $0.member("details", object) }
        }
    }
}
