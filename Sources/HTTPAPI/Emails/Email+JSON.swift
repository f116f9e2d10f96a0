import JSON
import MailModel

extension Email {
    /// `data` of `POST /emails`, exactly as in [S2].
    func writeFields(to object: inout JSONWriter) {
        write(withText: true, to: &object)
    }

    /// An email in a list: without its text, which may be large.
    func writeSummary(to writer: inout JSONWriter) {
        writer.object {
            write(withText: false, to: &$0)
            writeState(to: &$0)
        }
    }

    func write(timeline: [TimelineEntry], to writer: inout JSONWriter) {
        writer.object {
            write(withText: true, to: &$0)
            writeState(to: &$0)
            $0.member("timeline") { writer in writer.array { for entry in timeline { entry.write(to: &$0) } } }
        }
    }

    private func write(withText: Bool, to object: inout JSONWriter) {
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
        // [S2] knows none: only emails have it whose request did.
        if let sendAt = content.sendAt { object.member("sendAt", sendAt.description) }
    }

    private func writeState(to object: inout JSONWriter) {
        object.member("createdAt", createdAt.description)
        object.member("updatedAt", updatedAt.description)
        object.member("attempts", attempts)
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
