import Encoding
import MIME
import MailModel

/// The attachments of a request, validated and decoded.
struct ValidatedAttachments {
    private(set) var attachments: [Attachment] = []
    /// The bytes of each attachment.
    private(set) var files: [[UInt8]] = []

    init(_ requests: [AttachmentRequest], limits: SubmissionLimits) throws(Refusal) {
        guard requests.count <= ValidatedEmail.Limits.attachments else {
            throw Refusal.invalid(
                "attachments", "expected at most \(ValidatedEmail.Limits.attachments) entries, found \(requests.count)")
        }
        // Before anything is decoded, so that a body that is too large costs nothing.
        let size = requests.reduce(0) { $0 + Self.decodedSize($1.content) }
        guard size <= limits.attachmentBytes else {
            throw Refusal(
                .tooLarge, field: "attachments",
                "attachments: expected at most \(limits.attachmentBytes) bytes in all, decoded, found \(size)")
        }
        var checks = FieldChecks()
        for (index, request) in requests.enumerated() {
            checks.check { () throws(Refusal) in try add(request, at: "attachments[\(index)]") }
        }
        try checks.finish()
    }

    /// - Parameter place: where the attachment stands in the request.
    private mutating func add(_ request: AttachmentRequest, at place: String) throws(Refusal) {
        let name = try Self.filename(request.filename, in: RequestField("\(place).filename"))
        let type = try Self.contentType(request.contentType, of: name, in: RequestField("\(place).contentType"))
        let idField = RequestField("\(place).contentId")
        let id = try Self.contentID(request.contentID, in: idField)
        if let id, attachments.contains(where: { $0.contentID == id }) {
            throw idField.refusal("another attachment has the same one")
        }
        do throws(Base64.Fault) {
            files.append(try Base64.decode(request.content))
        } catch {
            throw RequestField("\(place).content").refusal("\(error)")
        }
        attachments.append(Attachment(filename: name, contentType: type, contentID: id, size: files[files.count - 1].count))
    }

    private static func decodedSize(_ text: String) -> Int {
        text.utf8.count / 4 * 3 - (text.hasSuffix("==") ? 2 : text.hasSuffix("=") ? 1 : 0)
    }

    private static func filename(_ value: String, in field: RequestField) throws(Refusal) -> String {
        let name = try field.headerText(value, upTo: ValidatedEmail.Limits.filename)
        guard !name.allSatisfy({ $0 == "." || $0.isWhitespace }), !name.contains(where: { $0 == "/" || $0 == "\\" }) else {
            throw field.refusal("expected the name of a file, without folders")
        }
        if let ending = Attachment.fileExtension(name), Attachment.isRefused(fileExtension: ending) {
            throw field.refusal(".\(ending) files are not sent: they may run, and Amazon SES refuses them")
        }
        return name
    }

    private static func contentType(_ value: String?, of filename: String, in field: RequestField) throws(Refusal) -> String {
        guard let value else { return Attachment.contentType(ofFile: filename) }
        if let fault = AttachmentSyntax.fault(ofContentType: value) {
            throw field.refusal(fault)
        }
        return value
    }

    private static func contentID(_ value: String?, in field: RequestField) throws(Refusal) -> String? {
        guard let value else { return nil }
        guard AttachmentSyntax.isContentID(value) else {
            throw field.refusal("expected 1 to 128 visible ASCII characters without < and >, as they stand behind cid:")
        }
        return value
    }
}
