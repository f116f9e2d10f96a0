import MailModel

extension SESClient: SESSending {
    /// Calls `SendRawEmail`.
    package func sendRawEmail(_ message: RawEmail) async throws(SESError) -> String {
        let answer = try await call(FormBody(sending: message))
        guard let id = answer["SendRawEmailResult"]?["MessageId"]?.text, !id.isEmpty else { throw .unreadable }
        return id
    }

    /// Calls `GetSendQuota`.
    package func sendQuota() async throws(SESError) -> SendQuota {
        let result = try await call(FormBody(action: "GetSendQuota"))["GetSendQuotaResult"]
        func number(_ name: String) throws(SESError) -> Double {
            guard let value = result?[name].flatMap({ Double($0.text) }), value.isFinite else { throw .unreadable }
            return value
        }
        return SendQuota(
            max24HourSend: try number("Max24HourSend"), maxSendRate: try number("MaxSendRate"),
            sentLast24Hours: try number("SentLast24Hours"))
    }
}

extension FormBody {
    init(sending message: RawEmail) {
        self.init(action: "SendRawEmail")
        add("Source", message.source.description)
        for (number, destination) in zip(1..., message.destinations) {
            add("Destinations.member.\(number)", destination.description)
        }
        if let set = message.configurationSet {
            add("ConfigurationSetName", set)
        }
        for (number, tag) in zip(1..., message.tags) {
            add("Tags.member.\(number).Name", tag.name)
            add("Tags.member.\(number).Value", tag.value)
        }
        add("RawMessage.Data", base64: message.data)
    }
}
