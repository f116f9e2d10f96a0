import Encoding
import JSON
import MailModel
import Sending

/// The members of a JSON object of version 2, by their types.
///
/// `null` counts as a member that is not given. Members that are not read are ignored, as at SES.
struct RESTFields {
    private let object: JSONObject
    /// Where the object stands in the body, for messages: `Content.Simple.`.
    private let place: String

    init(_ object: JSONObject, at place: String = "") {
        self.object = object
        self.place = place
    }

    /// Returns a text; `nil` where it is not given.
    func string(_ name: String) throws(SESFault) -> String? {
        try value(name, "a string") { $0.stringValue }
    }

    /// Returns a text that has to be given.
    func required(_ name: String) throws(SESFault) -> String {
        guard let text = try string(name) else { throw .missing(place + name) }
        return text
    }

    /// Returns a list of texts; none where it is not given.
    func strings(_ name: String) throws(SESFault) -> [String] {
        try value(name, "an array of strings") { json -> [String]? in
            guard let items = json.arrayValue else { return nil }
            let texts = items.compactMap(\.stringValue)
            return texts.count == items.count ? texts : nil
        } ?? []
    }

    /// Returns an object; `nil` where it is not given.
    func object(_ name: String) throws(SESFault) -> RESTFields? {
        try value(name, "an object") { $0.objectValue.map { RESTFields($0, at: "\(place)\(name).") } }
    }

    /// Returns a list of objects; none where it is not given.
    func objects(_ name: String) throws(SESFault) -> [RESTFields] {
        try value(name, "an array of objects") { json -> [RESTFields]? in
            guard let items = json.arrayValue else { return nil }
            let objects = items.enumerated().compactMap { index, item in
                item.objectValue.map { RESTFields($0, at: "\(place)\(name).\(index + 1).") }
            }
            return objects.count == items.count ? objects : nil
        } ?? []
    }

    /// Refuses members that are not supported here.
    func refuse(_ names: [String]) throws(SESFault) {
        for name in names where object[name].map({ $0 != .null }) ?? false { throw .unsupported(place + name) }
    }

    private func value<Value>(_ name: String, _ expected: String, _ read: (JSONValue) -> Value?) throws(SESFault) -> Value? {
        guard let json = object[name], json != .null else { return nil }
        guard let value = read(json) else { throw .invalid("\(place)\(name): expected \(expected)") }
        return value
    }
}

extension RESTFields {
    /// The tags of a list, as `Name=Value`.
    func tags(_ name: String) throws(SESFault) -> [String] {
        var tags: [String] = []
        for tag in try objects(name) { tags.append(try SESMessage.tag(try tag.required("Name"), try tag.required("Value"))) }
        return tags
    }

    /// The header fields of a list.
    func headers(_ name: String) throws(SESFault) -> [EmailContent.HeaderField] {
        var headers: [EmailContent.HeaderField] = []
        for header in try objects(name) {
            headers.append(EmailContent.HeaderField(name: try header.required("Name"), value: try header.required("Value")))
        }
        return headers
    }

    /// `Attachments`.
    func attachments() throws(SESFault) -> [AttachmentRequest] {
        var attachments: [AttachmentRequest] = []
        for item in try objects("Attachments") {
            attachments.append(
                AttachmentRequest(
                    filename: try item.required("FileName"), content: try item.required("RawContent"),
                    contentType: try item.string("ContentType"), contentID: try item.string("ContentId")))
        }
        return attachments
    }
}
