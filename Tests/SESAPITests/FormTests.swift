import MailModel
import TestSupport
import Testing

@testable import SESAPI

struct FormTests {
    private func parameters(_ text: String) throws(SESFault) -> FormParameters {
        try FormParameters(Array(text.utf8))
    }

    @Test func `parameters and lists`() throws {
        let form = try parameters("A=b+c%C3%A4&L.member.1=x&L.member.2=y&L.member.4=z&S.member.1.Name=n&S.member.2.Value=v&Empty=&Flag")
        #expect(form["A"] == "b cä")
        #expect(form.list("L") == ["x", "y"])
        #expect(form.count("S", members: ["Name", "Value"]) == 2)
        #expect(form["Empty"] == "")
        #expect(form["Flag"] == "")
        #expect(form.contains("S.member.1"))
        #expect(!form.contains("S.member.11"))
        #expect(throws: SESFault.missing("Empty")) { try form.required("Empty") }
    }

    @Test(arguments: ["A=%", "A=%GG", "A=%FF", "A=1&A=2"]) func `what is no form`(_ text: String) {
        #expect(throws: SESFault.self) { try parameters(text) }
    }

    @Test func `too many parameters`() throws {
        let text = (0..<FormParameters.maximumCount).map { "a\($0)=" }.joined(separator: "&")
        _ = try parameters(text)
        #expect(throws: SESFault.self) { try parameters(text + "&b=") }
    }

    @Test func `random bytes never crash`() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("ab=&%.+1member\u{0}\n".utf8) + [0xFF, 0xC3]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            _ = try? FormParameters(bytes).list("a")
        }
    }

    @Test func `texts are escaped in XML`() {
        var writer = XMLWriter()
        writer.document("R") { $0.element("a", "<&>\"'\u{0}\u{1}\t\u{FFFE}ü") }
        #expect(writer.text.hasSuffix("<a>&lt;&amp;&gt;&quot;&#39;\u{FFFD}\u{FFFD}\t\u{FFFD}ü</a></R>"))
    }

    @Test(
        arguments: [
            (nil, [:]), ("", [:]), (#"{"a": "b", "n": 1.50, "t": true, "z": null}"#, ["a": "b", "n": "1.50", "t": "true", "z": ""]),
        ] as [(String?, [String: String])])
    func `template data`(_ text: String?, _ values: [String: String]) throws {
        #expect(try TemplateData.values(text) == values)
        #expect(try TemplateData.values(text, over: ["a": "0", "d": "1"]) == values.merging(["a": "0", "d": "1"]) { own, _ in own })
    }

    @Test(arguments: ["[", "[]", #"{"a": []}"#, #"{"a": {}}"#, "7"]) func `what is no template data`(_ text: String) {
        #expect(throws: SESFault.self) { try TemplateData.values(text) }
    }
}
