public import FoundationEssentials

/// An email to be sent.
public struct NewEmail: Encodable, Sendable {
    /// A file that goes with it.
    public struct Attachment: Encodable, Sendable {
        /// The name that the recipient sees.
        public var filename: String
        /// The content in Base64.
        public var content: String

        /// Creates an attachment of a file's bytes.
        public init(filename: String, bytes: some Sequence<UInt8>) {
            self.filename = filename
            content = Data(bytes).base64EncodedString()
        }

        enum CodingKeys: String, CodingKey, CaseIterable {
            case filename, content
        }
    }

    /// The sender, an address of a verified domain: `a@b` or `Name <a@b>`.
    public var from: String
    /// The recipient: `a@b` or `Name <a@b>`.
    public var to: String
    /// The display name of the sender.
    public var fromName: String?
    /// Further recipients, whom all see.
    public var cc: [String]?
    /// Further recipients, whom nobody sees.
    public var bcc: [String]?
    /// The display name of the recipient.
    public var alias: String?
    /// Where answers go.
    public var replyTo: String?
    /// The subject; of the template where there is one.
    public var subject: String?
    /// The text: plain, or HTML where it has a tag.
    public var text: String?
    /// The text as HTML.
    public var html: String?
    /// The name of a template of the account, instead of subject and texts.
    public var template: String?
    /// The values of the variables.
    public var variables: [String: String]?
    /// What it is for: `transactional` or `marketing`.
    public var category: String?
    /// The identifier of the campaign, for reports.
    public var externalID: String?
    /// The identifier of the recipient.
    public var clientID: String?
    /// Labels to search by.
    public var tags: [String]?
    /// URLs that are called at each change of status.
    public var callbacks: [String]?
    /// Header fields.
    public var headers: [String: String]?
    /// Files.
    public var attachments: [Attachment]?
    /// The list of which the recipient has to be a confirmed member.
    public var list: String?
    /// The earliest time at which it is sent.
    public var sendAt: Date?

    /// Creates an email with a subject and a text.
    public init(from: String, to: String, subject: String, text: String) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
    }

    /// Creates an email of a template of the account.
    public init(from: String, to: String, template: String, variables: [String: String] = [:]) {
        self.from = from
        self.to = to
        self.template = template
        self.variables = variables
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case from, to, fromName, cc, bcc, alias, replyTo, subject, text, html, template, variables, category
        case externalID = "externalId"
        case clientID = "clientId"
        case tags, callbacks, headers, attachments, list, sendAt
    }
}
