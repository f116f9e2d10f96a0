import JSON
import MailModel
import Sending

extension SendingOperations {
    /// The calls of version 2.
    var restOperations: [RESTOperation] {
        [
            RESTOperation("SendEmail", .post, "/outbound-emails", .emailsSend) { request, caller in
                let id: String
                switch try RESTEmail(request.body) {
                case .message(let message): id = try await send(message, caller)
                case .raw(let raw): id = try await send(raw, from: raw.from, caller)
                }
                return { $0.member("MessageId", id) }
            },
            RESTOperation("SendBulkEmail", .post, "/outbound-bulk-emails", .emailsSend) { request, caller in
                let outcomes = try await send(try SESMessage.list(bulk: request.body), caller)
                return { answer in
                    answer.member("BulkEmailEntryResults") { writer in
                        writer.array { array in
                            for outcome in outcomes { array.object { outcome.write(to: &$0) } }
                        }
                    }
                }
            },
        ]
    }
}

extension SendingOperations.BulkOutcome {
    fileprivate func write(to object: inout JSONWriter) {
        object.member("Status", status.rawValue)
        if let messageID { object.member("MessageId", messageID) }
        if let error { object.member("Error", error) }
    }
}

/// What `SendEmail` sends: texts or a template, or a complete message.
private enum RESTEmail {
    case message(SESMessage)
    case raw(RawSubmission)

    init(_ body: JSONObject) throws(SESFault) {
        let fields = RESTFields(body)
        guard let content = try fields.object("Content") else { throw .missing("content") }
        try fields.refuse(["ListManagementOptions", "EndpointId"])
        let destination = try SESDestination(try fields.object("Destination"))
        let sender = try fields.string("FromEmailAddress")
        let tags = try fields.tags("EmailTags")
        if let raw = try content.object("Raw") {
            var submission = try RawSubmission(
                base64: try raw.required("Data"), to: destination?.all ?? [], from: sender, tags: tags)
            submission.replyTo = try fields.strings("ReplyToAddresses")
            self = .raw(submission)
            return
        }
        guard let sender else { throw .missing("fromEmailAddress") }
        guard let destination else { throw .missing("destination") }
        var message = SESMessage(
            source: sender, destination: destination, replyTo: try fields.strings("ReplyToAddresses"), tags: tags,
            content: try SESMessage.Content(content))
        let (simple, template) = (try content.object("Simple"), try content.object("Template"))
        if let part = simple ?? template {
            message.headers = try part.headers("Headers")
            message.attachments = try part.attachments()
        }
        self = .message(message)
    }
}

extension SESMessage.Content {
    fileprivate init(_ content: RESTFields) throws(SESFault) {
        if let simple = try content.object("Simple") {
            guard let subject = try simple.object("Subject") else { throw .missing("content.simple.subject") }
            let body = try simple.object("Body")
            self = .texts(
                subject: try subject.required("Data"), text: try body?.object("Text")?.required("Data"),
                html: try body?.object("Html")?.required("Data"))
        } else if let template = try content.object("Template") {
            self = try Self.template(template, over: [:], replacing: nil)
        } else {
            throw .missing("content.simple")
        }
    }

    /// - Parameters:
    ///   - defaults: the values for all emails of a bulk call.
    ///   - replacement: the values for this one.
    fileprivate static func template(
        _ template: RESTFields, over defaults: [String: String], replacing replacement: String?
    ) throws(SESFault) -> SESMessage.Content {
        try template.refuse(["TemplateArn"])
        let values = try TemplateData.values(
            replacement, over: try TemplateData.values(try template.string("TemplateData"), over: defaults))
        if let texts = try template.object("TemplateContent") {
            return .inlineTemplate(
                subject: try texts.required("Subject"), text: try texts.string("Text"), html: try texts.string("Html"), values)
        }
        return .template(try template.required("TemplateName"), values)
    }
}

extension SESMessage {
    /// The emails of `SendBulkEmail`.
    fileprivate static func list(bulk body: JSONObject) throws(SESFault) -> [Result<SESMessage, SESFault>] {
        let fields = RESTFields(body)
        let entries = try fields.objects("BulkEmailEntries")
        try SendingOperations.checkBulk(count: entries.count)
        guard let template = try fields.object("DefaultContent")?.object("Template") else { throw .missing("defaultContent.template") }
        let common = SESMessage(
            source: try fields.required("FromEmailAddress"), destination: SESDestination(),
            replyTo: try fields.strings("ReplyToAddresses"), tags: try fields.tags("DefaultEmailTags"),
            content: try .template(template, over: [:], replacing: nil), headers: try template.headers("Headers"),
            attachments: try template.attachments())
        return entries.map { entry in
            do throws(SESFault) { return .success(try common.replacing(entry, template)) } catch { return .failure(error) }
        }
    }

    /// Returns the email with what an entry of the bulk call has of its own.
    private func replacing(_ entry: RESTFields, _ template: RESTFields) throws(SESFault) -> SESMessage {
        var message = self
        guard let destination = try SESDestination(try entry.object("Destination")) else { throw .missing("destination") }
        message.destination = destination
        message.tags = Self.merged(tags, try entry.tags("ReplacementTags"))
        let data = try entry.object("ReplacementEmailContent")?.object("ReplacementTemplate")?.string("ReplacementTemplateData")
        message.content = try .template(template, over: [:], replacing: data)
        let headers = try entry.headers("ReplacementHeaders")
        let replaced = Set(headers.map { $0.name.lowercased() })
        message.headers = headers + self.headers.filter { !replaced.contains($0.name.lowercased()) }
        return message
    }
}

extension SESDestination {
    /// `nil` where there is none.
    fileprivate init?(_ fields: RESTFields?) throws(SESFault) {
        guard let fields else { return nil }
        self.init(
            to: try fields.strings("ToAddresses"), cc: try fields.strings("CcAddresses"), bcc: try fields.strings("BccAddresses"))
    }
}
