import MailModel
import Sending

extension SendingOperations {
    /// The calls of version 1.
    var queryOperations: [QueryOperation] {
        [
            QueryOperation("SendEmail", .emailsSend) { parameters, caller in
                let id = try await send(try SESMessage(simple: parameters), caller)
                return Self.answer(id: id)
            },
            QueryOperation("SendRawEmail", .emailsSend) { parameters, caller in
                let raw = try RawSubmission(
                    base64: try parameters.required("RawMessage.Data"), to: parameters.list("Destinations"), from: parameters["Source"],
                    tags: try parameters.tags("Tags"))
                let id = try await send(raw, from: raw.from, caller)
                return Self.answer(id: id)
            },
            QueryOperation("SendTemplatedEmail", .emailsSend) { parameters, caller in
                let id = try await send(try SESMessage(templated: parameters), caller)
                return Self.answer(id: id)
            },
            QueryOperation("SendBulkTemplatedEmail", .emailsSend) { parameters, caller in
                let outcomes = try await send(try SESMessage.list(bulk: parameters), caller)
                return { result in
                    result.element("Status") { list in
                        for outcome in outcomes { list.element("member", outcome.write) }
                    }
                }
            },
        ]
    }

    private static func answer(id: String) -> QueryAnswer {
        { $0.element("MessageId", id) }
    }
}

extension SendingOperations.BulkOutcome {
    fileprivate func write(to writer: inout XMLWriter) {
        writer.element("Status", status.queryName)
        if let messageID { writer.element("MessageId", messageID) }
        if let error { writer.element("Error", error) }
    }

    fileprivate var write: (inout XMLWriter) -> Void { { write(to: &$0) } }
}

extension SESMessage {
    /// The email of `SendEmail`.
    fileprivate init(simple parameters: FormParameters) throws(SESFault) {
        self.init(
            source: try parameters.required("Source"), destination: SESDestination(parameters, "Destination"),
            replyTo: parameters.list("ReplyToAddresses"), tags: try parameters.tags("Tags"),
            content: .texts(
                subject: try parameters.required("Message.Subject.Data"), text: parameters["Message.Body.Text.Data"],
                html: parameters["Message.Body.Html.Data"]))
    }

    /// The email of `SendTemplatedEmail`.
    fileprivate init(templated parameters: FormParameters) throws(SESFault) {
        guard parameters["TemplateArn"] == nil else { throw .unsupported("TemplateArn") }
        self.init(
            source: try parameters.required("Source"), destination: SESDestination(parameters, "Destination"),
            replyTo: parameters.list("ReplyToAddresses"), tags: try parameters.tags("Tags"),
            content: .template(try parameters.required("Template"), try TemplateData.values(parameters["TemplateData"])))
    }

    /// The emails of `SendBulkTemplatedEmail`.
    fileprivate static func list(bulk parameters: FormParameters) throws(SESFault) -> [Result<SESMessage, SESFault>] {
        guard parameters["TemplateArn"] == nil else { throw .unsupported("TemplateArn") }
        let count = parameters.count("Destinations", members: ["Destination", "ReplacementTemplateData", "ReplacementTags"])
        try SendingOperations.checkBulk(count: count)
        let source = try parameters.required("Source")
        let template = try parameters.required("Template")
        let defaults = try TemplateData.values(parameters["DefaultTemplateData"])
        let commonTags = try parameters.tags("DefaultTags")
        return (1...count).map { number in
            let name = "Destinations.member.\(number)"
            do throws(SESFault) {
                let values = try TemplateData.values(parameters["\(name).ReplacementTemplateData"], over: defaults)
                return .success(
                    SESMessage(
                        source: source, destination: SESDestination(parameters, "\(name).Destination"),
                        replyTo: parameters.list("ReplyToAddresses"),
                        tags: SESMessage.merged(commonTags, try parameters.tags("\(name).ReplacementTags")),
                        content: .template(template, values)))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Tags where those of an email go before the common ones of the same name.
    static func merged(_ common: [String], _ own: [String]) -> [String] {
        let names = Set(own.compactMap { $0.split(separator: "=").first })
        return own + common.filter { tag in tag.split(separator: "=").first.map { !names.contains($0) } ?? true }
    }
}

extension SESDestination {
    fileprivate init(_ parameters: FormParameters, _ name: String) {
        self.init(
            to: parameters.list("\(name).ToAddresses"), cc: parameters.list("\(name).CcAddresses"),
            bcc: parameters.list("\(name).BccAddresses"))
    }
}

extension FormParameters {
    /// The tags of a list.
    fileprivate func tags(_ list: String) throws(SESFault) -> [String] {
        var tags: [String] = []
        for number in 0..<count(list, members: ["Name", "Value"]) {
            let member = "\(list).member.\(number + 1)"
            tags.append(try SESMessage.tag(try required("\(member).Name"), try required("\(member).Value")))
        }
        return tags
    }
}
