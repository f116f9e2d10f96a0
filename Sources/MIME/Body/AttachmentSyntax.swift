/// What may stand in the header of an attachment.
public enum AttachmentSyntax {
    /// True for `type/subtype` with parameters or without that is written as it is. Not for the composite types, whose content has a structure.
    public static func isContentType(_ text: String) -> Bool {
        let written = HeaderSyntax.contentType(text)
        return written.utf8.count { $0 == UInt8(ascii: ";") } == text.utf8.count { $0 == UInt8(ascii: ";") }
            && written.prefix { $0 != ";" } == text.prefix { $0 != ";" }
    }

    /// True for what can stand between the angle brackets of `Content-ID` and behind `cid:`.
    public static func isContentID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && HeaderSyntax.identifier(text) == text
    }
}
