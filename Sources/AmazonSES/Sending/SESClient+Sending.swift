import Encoding
import JSON
import MailModel

extension SESClient: SESSending {
    /// Calls `SendEmail` of version 2 with raw content.
    package func sendEmail(_ message: RawEmail) async throws(SESError) -> String {
        let answer = try await callV2("POST", "outbound-emails", message.requestBody)
        guard let id = answer["MessageId"]?.stringValue, !id.isEmpty else { throw .unreadable }
        return id
    }

    /// Calls `GetAccount`; where the policy of rights is one of before that call, `GetSendQuota` of version 1.
    package func account() async throws(SESError) -> SESAccount {
        let answer: JSONObject
        do {
            answer = try await callV2("GET", "account")
        } catch {
            guard error.isDenied else { throw error }
            let quota = try await sendQuota()
            return SESAccount(quota: quota)
        }
        guard let quota = answer["SendQuota"]?.objectValue.flatMap(SendQuota.init) else { throw .unreadable }
        return SESAccount(
            quota: quota, isSendingEnabled: answer["SendingEnabled"]?.boolValue,
            hasProductionAccess: answer["ProductionAccessEnabled"]?.boolValue, enforcement: answer["EnforcementStatus"]?.stringValue,
            review: answer["Details"]?.objectValue?["ReviewDetails"]?.objectValue?["Status"]?.stringValue)
    }

    private func sendQuota() async throws(SESError) -> SendQuota {
        let result = try await call(FormBody(action: "GetSendQuota"))["GetSendQuotaResult"]
        guard let quota = SendQuota(reading: { result?[$0].flatMap { Double($0.text) } }) else { throw .unreadable }
        return quota
    }
}

extension SendQuota {
    fileprivate init?(_ object: JSONObject) {
        self.init(reading: { object[$0]?.doubleValue })
    }

    /// Reads a quota; `nil` where a number is missing.
    fileprivate init?(reading number: (String) -> Double?) {
        guard let daily = number("Max24HourSend"), let rate = number("MaxSendRate"), let sent = number("SentLast24Hours"),
            daily.isFinite, rate.isFinite, sent.isFinite
        else { return nil }
        self.init(max24HourSend: daily, maxSendRate: rate, sentLast24Hours: sent)
    }
}

extension RawEmail {
    /// The body of `SendEmail`.
    ///
    /// The message comes last and is encoded in place: besides it there is one copy of it in memory, a third larger.
    var requestBody: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("FromEmailAddress", source.description)
            writer.member("Destination") { $0.object { $0.member("ToAddresses", destinations.map(\.description)) } }
            if let configurationSet { writer.member("ConfigurationSetName", configurationSet) }
            if let tenant { writer.member("TenantName", tenant) }
            writer.member("EmailTags") { $0.array { for tag in tags { $0.tag(tag) } } }
        }
        var body = writer.bytes
        body.reserveCapacity(body.count + Base64.encodedLength(of: data.count) + 40)
        body.removeLast()
        body.append(contentsOf: #","Content":{"Raw":{"Data":""#.utf8)
        Base64.append(data, to: &body)
        body.append(contentsOf: #""}}}"#.utf8)
        return body
    }
}

extension JSONWriter {
    fileprivate mutating func tag(_ tag: (name: String, value: String)) {
        object {
            $0.member("Name", tag.name)
            $0.member("Value", tag.value)
        }
    }
}
