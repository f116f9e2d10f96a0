import MailModel
import Sending

/// An email as both versions of SES's API describe it, in this service's terms.
struct SESMessage {
    /// The sender, with a name or without.
    var source: String
    var destination: SESDestination
    var replyTo: [String] = []
    /// The tags, as `Name=Value`.
    var tags: [String] = []
    var content: Content
    var headers: [EmailContent.HeaderField] = []
    var attachments: [AttachmentRequest] = []

    /// What is sent.
    enum Content {
        case texts(subject: String, text: String?, html: String?)
        /// A template of the account, with the values of its variables.
        case template(String, [String: String])
        /// Texts with places for the values of variables.
        case inlineTemplate(subject: String, text: String?, html: String?, [String: String])
    }

    /// Returns the email for the submission.
    ///
    /// Of several recipients the first one's email has the content; the others are its copies.
    func request() throws(SESFault) -> EmailRequest {
        guard let first = destination.to.first else {
            throw .unsupported("A destination without ToAddresses")
        }
        var request = EmailRequest(to: first, from: source, text: "", subject: "")
        request.cc = destination.to.dropFirst() + destination.cc
        request.bcc = destination.bcc
        request.replyTo = replyTo
        request.tags = tags
        request.headers = headers
        request.attachments = attachments
        try fill(&request)
        return request
    }

    private func fill(_ request: inout EmailRequest) throws(SESFault) {
        switch content {
        case .template(let name, let values): (request.template, request.variables) = (name, values)
        case .texts(let subject, let text, let html): try Self.fill(&request, subject, text, html)
        case .inlineTemplate(let subject, let text, let html, let values):
            try Self.fill(&request, subject, text, html)
            request.variables = values
        }
    }

    private static func fill(_ request: inout EmailRequest, _ subject: String, _ text: String?, _ html: String?) throws(SESFault) {
        request.subject = subject
        switch (text, html) {
        case (let text?, _): (request.text, request.html) = (text, html)
        // The text is made from it.
        case (nil, let html?): request.html = html
        case (nil, nil): throw .missing("Message.Body")
        }
    }
}

/// The recipients of an email.
struct SESDestination {
    var to: [String] = []
    var cc: [String] = []
    var bcc: [String] = []

    /// All of them, in their order.
    var all: [String] { to + cc + bcc }
}

extension SESMessage {
    /// A tag of SES as a tag of this service.
    ///
    /// - Throws: ``SESFault`` for a name or a value that SES does not take either.
    static func tag(_ name: String, _ value: String) throws(SESFault) -> String {
        for text in [name, value] {
            guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy(isTagCharacter) else {
                throw .invalid("Invalid tag \(name.prefix(64)): expected at most 256 letters, digits, - , _, . and @.")
            }
        }
        return "\(name)=\(value)"
    }

    private static func isTagCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: "-_.@".utf8.contains(byte)
        }
    }
}
