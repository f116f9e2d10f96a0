import JSON
import MailModel

// The text in `unmatched_events.effect`. Members are only ever added: nodes of two versions may write and read it.

extension EventEffect {
    /// The JSON text.
    var stored: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("kind", kind)
            if let status { object.member("status", status.rawValue) }
            if let explanation { object.member("explain", explanation) }
            if let at { object.member("at", at.milliseconds) }
            object.member("words", words)
            object.member("recipients") { writer in
                writer.array { writer in for recipient in recipients { recipient.write(to: &writer) } }
            }
            object.member("hasOneDestination", hasOneDestination)
            if let mailbox {
                object.member("softBounce", mailbox.isSoftBounce)
                object.member("softBounceLimit", mailbox.limit)
            }
            if let retry {
                object.member("retryOf", retry.messageID)
                object.member("retryLimit", retry.limit)
                object.member("retryDelay", retry.schedule.firstDelay.milliseconds)
                object.member("retryAge", retry.schedule.maximumAge.milliseconds)
            }
            if let suppression {
                object.member("reason", suppression.reason.rawValue)
                object.member("suppress", suppression.others.map(\.description))
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Reads what ``stored`` wrote; `nil` where the text is not that, or has a status or reason that this version does not know.
    init?(stored text: String) {
        guard let object = try? JSONValue.parse(text.utf8).objectValue, let kind = object["kind"]?.stringValue,
            let words = object["words"]?.objectValue, let recipients = object["recipients"]?.arrayValue?.map(Recipient.init(stored:)),
            let hasOneDestination = object["hasOneDestination"]?.boolValue
        else { return nil }
        self.init(
            kind: kind, explanation: object["explain"]?.stringValue, at: object["at"]?.integerValue.map(Timestamp.init(milliseconds:)),
            words: words, recipients: recipients, hasOneDestination: hasOneDestination)
        if let text = object["status"]?.stringValue {
            guard let status = EmailStatus(rawValue: text) else { return nil }
            self.status = status
        }
        if let isSoftBounce = object["softBounce"]?.boolValue, let limit = object["softBounceLimit"]?.integerValue {
            mailbox = MailboxEvidence(isSoftBounce: isSoftBounce, limit: Int(limit))
        }
        retry = Retry(stored: object)
        if let text = object["reason"]?.stringValue {
            guard let reason = SuppressionReason(rawValue: text) else { return nil }
            let others = (object["suppress"]?.arrayValue ?? []).compactMap(\.stringValue)
            suppression = LateSuppression(reason: reason, others: others.map(EmailAddress.init(validated:)))
        }
    }
}

extension EventEffect.Retry {
    fileprivate init?(stored object: JSONObject) {
        guard let messageID = object["retryOf"]?.stringValue, let limit = object["retryLimit"]?.integerValue,
            let delay = object["retryDelay"]?.integerValue, let age = object["retryAge"]?.integerValue
        else { return nil }
        var schedule = RetrySchedule()
        (schedule.firstDelay, schedule.maximumAge) = (.milliseconds(delay), .milliseconds(age))
        self.init(messageID: messageID, limit: Int(limit), schedule: schedule)
    }
}

extension EventEffect.Recipient {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            if let address { object.member("address", address.description) }
            object.member("words", words)
        }
    }

    fileprivate init(stored value: JSONValue) {
        let object = value.objectValue
        self.init(
            address: object?["address"]?.stringValue.map(EmailAddress.init(validated:)),
            words: object?["words"]?.objectValue ?? JSONObject())
    }
}
