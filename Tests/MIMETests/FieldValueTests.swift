import Testing

@testable import MIME

/// Values of customers' header fields, by the grammar of the field.
struct FieldValueTests {
    @Test(arguments: [
        ("In-Reply-To", "<a@b>  <c@d> ", "<a@b> <c@d>"), ("In-Reply-To", " <a@b><c@d>", "<a@b> <c@d>"),
        ("references", "<no-at-sign>", "<no-at-sign>"), ("X-Forwarded-Message-Id", "<ü@x>", nil), ("References", "a@b", nil),
        ("References", "<a@b", nil), ("References", "<a b@c>", nil), ("References", "", nil), ("References", "<a@b>, <c@d>", nil),
        ("Disposition-Notification-To", "Jörg <J@x.example>", "=?utf-8?b?SsO2cmc=?= <J@x.example>"),
        ("Disposition-Notification-To", "j@x.example ,  Ann   Lee<a@x.example>", "j@x.example, Ann Lee <a@x.example>"),
        ("Return-Receipt-To", "\"Lee, Ann\" <a@x.example>", "\"Lee, Ann\" <a@x.example>"),
        ("Return-Receipt-To", "=?utf-8?q?J=C3=B6rg?= <j@x.example>", "=?utf-8?q?J=C3=B6rg?= <j@x.example>"),
        ("X-Reply-To", "<j@bücher.example>", "<j@xn--bcher-kva.example>"), ("Mail-Followup-To", "\"a,b\"@x.example", "\"a,b\"@x.example"),
        ("Return-Receipt-To", "Jörg", nil), ("Return-Receipt-To", "jörg@x.example", nil),
        ("Return-Receipt-To", "Lee, Ann <a@x.example>", nil),
        ("Return-Receipt-To", "A (B) <a@x.example>", nil), ("Return-Receipt-To", "\"A <a@x.example>", nil),
        ("Return-Receipt-To", "a@x.example,", nil), ("Return-Receipt-To", "", nil),
        ("Keywords", "Rechnung, Müller & Söhne", "Rechnung, =?utf-8?b?TcO8bGxlciAmIFPDtmhuZQ==?="),
        ("Keywords", "Müller, b", "=?utf-8?q?M=C3=BCller?= , b"), ("Keywords", "a,,b", nil),
        ("List-Id", "Neues für alle  <news.example.com>", "=?utf-8?q?Neues_f=C3=BCr_alle?= <news.example.com>"),
        ("List-Id", "<news.example.com>", "<news.example.com>"), ("List-Id", "news", nil), ("List-Id", "<né.example.com>", nil),
        (
            "List-Help", "<mailto:help@x.example>  (the help),<https://x.example/?a=1,2>",
            "<mailto:help@x.example> (the help),<https://x.example/?a=1,2>"
        ),
        ("List-Help", "https://x.example", nil), ("List-Help", "<https://x.example/ü>", nil), ("List-Archive", "NO", nil),
        ("List-Post", "NO", "NO"), ("List-Post", "<mailto:a@x.example>", "<mailto:a@x.example>"), ("Archived-At", "<a b:c>", nil),
        ("Auto-Submitted", " auto-generated ", "auto-generated"), ("Auto-Submitted", "café", nil), ("Feedback-ID", "a:b:c:é", nil),
        ("X-Priority", "1  (Highest)", "1 (Highest)"),
        ("X-Campaign", " 42 ", "42"), ("X-Campaign", "a  b", "a  b"), ("X-Campaign", "é", "=?utf-8?b?w6k=?="), ("X-Any", "", ""),
        ("Comments", "<a@b>  <é>", "=?utf-8?b?PGFAYj4gIDzDqT4=?="), ("Organization", "Müller", "=?utf-8?q?M=C3=BCller?="),
    ])
    func `Values are written by the grammar of their field`(name: String, value: String, written: String?) throws {
        if let written {
            #expect(throws: Never.self) { try CustomHeader.check(name: name, value: value) }
            var block = HeaderBlock()
            block.custom(name, value)
            #expect(String(decoding: block.bytes, as: UTF8.self) == "\(name):\(written.isEmpty ? "" : " ")\(written)\r\n")
        } else {
            let error = #expect(throws: CustomHeader.Invalid.self) { try CustomHeader.check(name: name, value: value) }
            #expect(error?.description.hasPrefix("The value of the header \(name) is not valid: ") == true)
        }
    }

    @Test func `Long values are folded between their parts`() {
        var block = HeaderBlock()
        let ids = (0..<20).map { "<id-\($0)-of-some-length@mail.example.com>" }
        block.custom("References", ids.joined(separator: " "))
        block.custom("X-Text", Array(repeating: "word  word", count: 30).joined(separator: " "))
        let text = String(decoding: block.bytes, as: UTF8.self)
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
        #expect(text.replacing("\r\n ", with: " ").contains(ids.joined(separator: " ")))
        #expect(text.replacing("\r\n", with: "").contains(Array(repeating: "word  word", count: 30).joined(separator: " ")))
    }

    @Test func `A value that its field does not allow is sent as text`() {
        var block = HeaderBlock()
        block.custom("References", "é")
        #expect(String(decoding: block.bytes, as: UTF8.self) == "References: =?utf-8?b?w6k=?=\r\n")
    }
}
