import MailModel
import Testing

struct HeaderTextTests {
    @Test(arguments: ["", "Hello", "Grüße 😀", "a\u{A0}b", "«x» ° ¿", "\u{2028}", String(repeating: "x", count: 5000)])
    func `Text without control characters may stand in a header`(text: String) {
        #expect(throws: Never.self) { try HeaderText.check(text, in: "subject") }
    }

    @Test(arguments: [
        ("a\nb", "subject must not contain a line feed (character 2)."),
        ("\r\nBcc: x", "subject must not contain a carriage return (character 1)."),
        ("é\tb", "subject must not contain a tab (character 2)."), ("ab\0", "subject must not contain a NUL character (character 3)."),
        ("\u{7F}", "subject must not contain the control character U+007F (character 1)."),
        ("\u{1B}[31m", "subject must not contain the control character U+001B (character 1)."),
        ("\u{85}", "subject must not contain the control character U+0085 (character 1)."),
        ("°\u{80}", "subject must not contain the control character U+0080 (character 2)."),
    ])
    func `Control characters are refused by name and place`(text: String, message: String) {
        let error = #expect(throws: HeaderText.Invalid.self) { try HeaderText.check(text, in: "subject") }
        #expect(error?.description == message)
    }
}
