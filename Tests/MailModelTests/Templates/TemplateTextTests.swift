import MailModel
import TestSupport
import Testing

struct TemplateTextTests {
    private static let values = ["name": "Ann", "a": "{{name}}", "b_1.c-d": "x", "_": "u", "empty": ""]

    @Test(arguments: [
        ("", ""), ("no places", "no places"), ("Hello {{name}}!", "Hello Ann!"), ("{{ name }}{{\tname\t}}", "AnnAnn"),
        ("{{b_1.c-d}}{{_}}{{empty}}", "xu"), ("{ {name} }", "{ {name} }"), ("{name}", "{name}"), ("}}", "}}"), ("{", "{"), ("a{", "a{"),
        // What is filled in is not read again.
        ("{{a}}", "{{name}}"), ("{{a}}{{name}}", "{{name}}Ann"),
        // The braces themselves.
        (#"\{{name}}"#, "{{name}}"), (#"\\{{name}}"#, #"\Ann"#), (#"\\\{{name}}"#, #"\{{name}}"#), (#"\\\\{{name}}"#, #"\\Ann"#),
        (#"C:\dir\{x}"#, #"C:\dir\{x}"#), (#"\{{\{{name}}"#, "{{{{name}}"), (#"{\{{name}}"#, "{{{name}}"), (#"a\"#, #"a\"#),
        ("{{missing}} {{ missing }}", "{{missing}} {{missing}}"), ("Grüße, {{name}} 💥", "Grüße, Ann 💥"),
    ])
    func filling(text: String, expected: String) throws {
        let template = try TemplateText(text)
        #expect(template.filled(with: Self.values) == expected)
        #expect(template.size(with: Self.values) == expected.utf8.count)
    }

    @Test(arguments: [
        ("{{", 0), ("{{}}", 0), ("a {{ }}", 2), ("{{name}", 0), ("{{na me}}", 0), ("{{1}}", 0), ("{{-a}}", 0), ("{{{name}}}", 0),
        ("{{é}}", 0),
        ("ü{{#each}}", 2), ("{{name}} {{ name", 9), ("{{\nname}}", 0), (#"\\{{"#, 2), ("{{" + String(repeating: "x", count: 65) + "}}", 0),
    ])
    func whatIsNoPlace(text: String, offset: Int) {
        let fault = #expect(throws: TemplateText.Fault.self) { try TemplateText(text) }
        #expect(fault?.offset == offset)
        #expect(fault?.description.contains("at byte \(offset + 1)") == true)
    }

    @Test func namesOnceInTheirOrder() throws {
        #expect(try TemplateText("{{b}} {{a}} {{ b }} \\{{c}}").names == ["b", "a"])
        #expect(try TemplateText("{{" + String(repeating: "x", count: 64) + "}}").names.first?.count == 64)
    }

    @Test(arguments: [
        ("name", true), ("_", true), ("a.b-c_1", true), ("", false), ("1a", false), ("a b", false), ("é", false), ("a\0", false),
    ])
    func names(text: String, isName: Bool) {
        #expect(TemplateText.isName(text) == isName)
    }

    /// Whatever comes is read or refused, and what was read comes out in the size that was said.
    @Test func anyBytes() {
        var generator = SeededGenerator(seed: 12)
        let pieces = ["{{", "}}", "{", "}", "\\", " ", "\t", "\n", "name", "a", "1", "é", "💥", "{{name}}", "\\{{", "\0"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let template = try? TemplateText(text) else { continue }
            #expect(template.filled(with: Self.values).utf8.count == template.size(with: Self.values))
            let hasPlaces = text.contains("{{")
            #expect(hasPlaces || template.filled(with: Self.values) == text)
        }
    }

    /// Twice the text takes about twice the time: a million beginnings are no matter.
    @Test(.timeLimit(.minutes(1)), arguments: ["{{name}}", "\\{{", "\\", "{ ", "{{ name }} }}"])
    func longTexts(piece: String) throws {
        let template = try TemplateText(String(repeating: piece, count: 200_000))
        #expect(template.size(with: Self.values) == template.filled(with: Self.values).utf8.count)
        #expect(throws: TemplateText.Fault.self) { try TemplateText(String(repeating: piece, count: 200_000) + "{{") }
    }
}
