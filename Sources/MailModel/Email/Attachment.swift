/// A file that is attached to an email.
///
/// Its bytes are stored apart.
package struct Attachment: Sendable, Equatable {
    /// The file's name, without a path.
    package var filename: String
    /// The media type: `type/subtype`, with parameters where there are some.
    package var contentType: String
    /// What `cid:` in the HTML refers to, without angle brackets: an image that is shown in the text.
    package var contentID: String?
    /// The size in bytes.
    package var size: Int

    /// An attachment with these values.
    package init(filename: String, contentType: String, contentID: String? = nil, size: Int) {
        self.filename = filename
        self.contentType = contentType
        self.contentID = contentID
        self.size = size
    }
}

extension Attachment {
    /// Returns the extension that a system opens a file by, in lower case.
    ///
    /// Dots and spaces at the end do not count: Windows drops them.
    package static func fileExtension(_ filename: String) -> String? {
        let name = String(filename.reversed().drop { $0 == "." || $0.isWhitespace }.reversed())
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return name[name.index(after: dot)...].lowercased()
    }

    /// Whether SES refuses a message with such a file (AWS: "Amazon SES unsupported attachment types"): it may be executable.
    package static func isRefused(fileExtension: String) -> Bool {
        refusedExtensions.contains(fileExtension)
    }

    private static let refusedExtensions = Set(
        """
        ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk mad maf mag mam maq mar \
        mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct \
        shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk
        """.split(separator: " ").map(String.init))

    /// Returns the content type of a file for which the sender gives none.
    package static func contentType(ofFile filename: String) -> String {
        fileExtension(filename).flatMap { contentTypes[$0] } ?? "application/octet-stream"
    }

    private static let contentTypes = [
        "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "html": "text/html", "ics": "text/calendar",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml",
        "json": "application/json", "xml": "application/xml", "zip": "application/zip", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ]
}
