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

struct Base64TextTests {
    @Test(arguments: [
        ("Zg", "multiple of 4 characters, found 2"), ("Zg=", "found 3"), ("Z===", "character 2 "), ("====", "character 1 "),
        ("Zg==Zg==", "character 3 "), ("Zh==", "bits"), ("Zm9=", "bits"), ("Zm9v ", "character 5 "), ("Zm9v\nZm9v", "character 5 "),
        ("Zm-_", "character 3 "), ("Zm9v=", "found 5"), ("Zé==", "character 2 "), ("data:;base64,Zg==", "character 5 "),
    ])
    func `what is no base64 is refused with its place`(_ text: String, _ place: String) {
        let fault = #expect(throws: Base64Text.Fault.self) { try Base64Text.decoded(text) }
        #expect(fault?.description.contains(place) == true, "\(fault?.description ?? "")")
    }
}
