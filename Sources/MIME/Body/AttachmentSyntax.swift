/// What may stand in the header of an attachment.
package enum AttachmentSyntax {
    /// Says what is wrong with a content type, for the end of a sentence; `nil` where it is one that an attachment may have.
    package static func fault(ofContentType text: String) -> String? {
        do throws(ContentType.Malformed) {
            _ = try ContentType(text)
            return nil
        } catch {
            return error.reason
        }
    }

    /// True for what can stand between the angle brackets of `Content-ID` and behind `cid:`.
    package static func isContentID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && HeaderSyntax.identifier(text) == text
    }
}
