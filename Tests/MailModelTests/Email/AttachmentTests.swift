import MailModel
import Testing

struct AttachmentTests {
    @Test(
        arguments: [
            ("a.EXE", "exe"), ("a.pdf.js", "js"), ("a.vbs.", "vbs"), ("a.cmd . ", "cmd"), (".reg", "reg"), ("a", nil), ("", nil),
            ("a.", nil),
        ] as [(String, String?)])
    func `the extension is the one that a system opens a file by`(_ name: String, _ ending: String?) {
        #expect(Attachment.fileExtension(name) == ending)
    }

    @Test(arguments: [("exe", true), ("js", true), ("ps1xml", true), ("pdf", false), ("zip", false), ("", false)])
    func `what SES refuses is refused`(_ ending: String, _ isRefused: Bool) {
        #expect(Attachment.isRefused(fileExtension: ending) == isRefused)
    }

    @Test(arguments: [
        ("a.PNG", "image/png"), ("a.pdf", "application/pdf"), ("a.unknown", "application/octet-stream"), ("a", "application/octet-stream"),
    ])
    func `a content type where none is given`(_ name: String, _ type: String) {
        #expect(Attachment.contentType(ofFile: name) == type)
    }
}
