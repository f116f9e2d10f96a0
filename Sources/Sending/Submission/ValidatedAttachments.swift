import MIME
import MailModel

/// The attachments of a request, checked and decoded.
struct ValidatedAttachments {
    private(set) var attachments: [Attachment] = []
    private(set) var files: [[UInt8]] = []

    init(_ requests: [AttachmentRequest], limits: SubmissionLimits) throws(SubmissionRefusal) {
        guard requests.count <= ValidatedEmail.Limits.attachments else {
            throw SubmissionRefusal(
                .invalid, field: "attachments",
                "attachments: expected at most \(ValidatedEmail.Limits.attachments) entries, found \(requests.count)")
        }
        // Before anything is decoded: four characters are at least a byte.
        let size = requests.reduce(0) { $0 + Self.decodedSize($1.content) }
        guard size <= limits.attachmentBytes else {
            throw SubmissionRefusal(
                .tooLarge, field: "attachments",
                "attachments: expected at most \(limits.attachmentBytes) bytes in all, decoded, found \(size)")
        }
        for (index, request) in requests.enumerated() {
            try add(request, in: "attachments[\(index)]")
        }
    }

    private mutating func add(_ request: AttachmentRequest, in field: String) throws(SubmissionRefusal) {
        let name = try Self.filename(request.filename, in: "\(field).filename")
        let type = try Self.contentType(request.contentType, of: name, in: "\(field).contentType")
        let id = try Self.contentID(request.contentID, in: "\(field).contentId")
        if let id, attachments.contains(where: { $0.contentID == id }) {
            throw SubmissionRefusal(.invalid, field: "\(field).contentId", "\(field).contentId: another attachment has the same one")
        }
        do throws(Base64Text.Fault) {
            files.append(try Base64Text.decoded(request.content))
        } catch {
            throw SubmissionRefusal(.invalid, field: "\(field).content", "\(field).content: \(error)")
        }
        attachments.append(Attachment(filename: name, contentType: type, contentID: id, size: files[files.count - 1].count))
    }

    private static func decodedSize(_ text: String) -> Int {
        text.utf8.count / 4 * 3 - (text.hasSuffix("==") ? 2 : text.hasSuffix("=") ? 1 : 0)
    }

    private static func filename(_ value: String, in field: String) throws(SubmissionRefusal) -> String {
        let name = try header(value, in: field, upTo: ValidatedEmail.Limits.filename)
        guard !name.allSatisfy({ $0 == "." || $0.isWhitespace }), !name.contains(where: { $0 == "/" || $0 == "\\" }) else {
            throw SubmissionRefusal(.invalid, field: field, "\(field): expected the name of a file, without folders")
        }
        if let ending = Attachment.fileExtension(name), Attachment.isRefused(fileExtension: ending) {
            throw SubmissionRefusal(
                .invalid, field: field, "\(field): .\(ending) files are not sent: they may run, and Amazon SES refuses them")
        }
        return name
    }

    private static func contentType(_ value: String?, of filename: String, in field: String) throws(SubmissionRefusal) -> String {
        guard let value else { return Attachment.contentType(ofFile: filename) }
        if let fault = AttachmentSyntax.fault(ofContentType: value) {
            throw SubmissionRefusal(.invalid, field: field, "\(field): \(fault)")
        }
        return value
    }

    private static func contentID(_ value: String?, in field: String) throws(SubmissionRefusal) -> String? {
        guard let value else { return nil }
        guard AttachmentSyntax.isContentID(value) else {
            throw SubmissionRefusal(
                .invalid, field: field, "\(field): expected 1 to 128 visible ASCII characters without < and >, as they stand behind cid:")
        }
        return value
    }
}
