import Hummingbird
import JSON
import MailModel
import Sending
import Web

extension EmailRequest {
    /// Reads the body of `POST /emails`. `null` stands for a field that is not given: many clients write it so.
    ///
    /// What the values have to be is the business of `Submission`; here they only have to be of the right type.
    init(_ object: JSONObject) throws(APIError) {
        var fields = Fields(object, nullIsAbsent: true)
        self.init(
            to: fields.requiredString("to"), from: fields.requiredString("from"), text: fields.requiredString("text"),
            subject: fields.requiredString("subject"))
        html = fields.string("html")
        externalID = fields.string("externalId")
        clientID = fields.string("clientId")
        alias = fields.string("alias")
        callbacks = fields.value("callbacks", "an array of URLs, or one string with commas between them") { $0.urls } ?? []
        replyTo = fields.value("replyTo", "an address, or an array of addresses") { $0.stringValue.map { [$0] } ?? $0.strings } ?? []
        headers = fields.value("headers", "an object of strings") { $0.headerFields } ?? []
        tags = fields.strings("tags") ?? []
        list = fields.string("list")
        sendAt = fields.string("sendAt")
        try fields.check(missingStatus: .badRequest)
    }
}

extension JSONValue {
    /// [S2]: one or more URLs, separated by commas.
    fileprivate var urls: [String]? {
        guard let list = stringValue else { return strings }
        return list.split(separator: ",").map { url in
            var url = url.drop { $0 == " " }
            while url.last == " " { url.removeLast() }
            return String(url)
        }.filter { !$0.isEmpty }
    }

    fileprivate var headerFields: [EmailContent.HeaderField]? {
        guard let object = objectValue else { return nil }
        let fields = object.compactMap { member in member.value.stringValue.map { EmailContent.HeaderField(name: member.name, value: $0) } }
        return fields.count == object.count ? fields : nil
    }
}
