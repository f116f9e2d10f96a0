import Testing

@testable import MIME

struct ContentTypeTests {
    @Test(arguments: [
        ("application/pdf", "application/pdf"), ("Text/Calendar;method=REQUEST", "Text/Calendar; method=REQUEST"),
        ("application/pdf; name=\"Quarterly report 2026.pdf\"", "application/pdf; name=\"Quarterly report 2026.pdf\""),
        ("text/plain ; charset = utf-8 ;format=flowed", "text/plain; charset=utf-8; format=flowed"),
        ("text/plain; charset=\"utf-8\"", "text/plain; charset=\"utf-8\""), ("a/b; c=\"\"", "a/b; c=\"\""),
        ("a/b; c=\"d\\\"e\\\\f;g=h\"", "a/b; c=\"d\\\"e\\\\f;g=h\""), ("a/b; name*=utf-8''%C3%9C", "a/b; name*=utf-8''%C3%9C"),
        ("application/pdf; name=\"Übersicht 1.pdf\"", "application/pdf; name*=utf-8''%C3%9Cbersicht%201.pdf"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document; name=\"a b.docx\"",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document;\r\n name=\"a b.docx\""
        ),
    ])
    func `Parameters stay as they are`(text: String, written: String) throws {
        let type = try ContentType(text)
        var block = HeaderBlock()
        block.foldedParameters("Content-Type", type.name, type.writtenParameters)
        #expect(String(decoding: block.bytes, as: UTF8.self) == "Content-Type: \(written)\r\n")
        #expect(AttachmentSyntax.fault(ofContentType: text) == nil)
    }

    @Test(arguments: [
        ("", "expected a type"), ("pdf", "expected a type"), ("a/b/c", "expected a type"), (" a/b", "expected a type"),
        ("a /b", "expected a type"),
        ("message/rfc822", "message/…"), ("Multipart/mixed; boundary=x", "multipart/…"), ("a/b;", "name=value"), ("a/b; x", "name=value"),
        ("a/b; =x", "name=value"), ("a/b; x=", "in quotes only"), ("a/b; name=Quarterly report.pdf", "in quotes only"),
        ("a/b; name=a/b", "in quotes only"), ("a/b; name=ü", "in quotes only"), ("a/b; name=\"x", "closing quote"),
        ("a/b; name=\"x\\\"", "closing quote"), ("a/b; name=\"x\"y", "in quotes only"), ("a/b; name=\"a\nb\"", "control character"),
        ("a/b; x=1; X=2", "twice"), ("a/b; name*=\"ü\"", "RFC 2231"), ("a/b; name=x (comment)", "in quotes only"),
        ("a/b; n=\"" + String(repeating: "x", count: 600) + "\"", "at most 512"),
    ])
    func `Malformed content types are refused with a reason`(text: String, words: String) {
        #expect(
            AttachmentSyntax.fault(ofContentType: text)?.contains(words) == true, "\(AttachmentSyntax.fault(ofContentType: text) ?? "")")
    }
}
