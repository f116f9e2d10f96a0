import Encoding
import TestSupport
import Testing

@testable import Web

struct CSVTests {
    private static func parse(_ pieces: [some Sequence<UInt8>]) -> [CSVParser.Row] {
        var parser = CSVParser()
        return pieces.flatMap { parser.rows(in: $0) } + parser.finish()
    }

    private static func parse(_ text: String) -> [CSVParser.Row] {
        parse([Array(text.utf8)])
    }

    @Test(arguments: [
        ("", []), ("a", [["a"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a\nb\rc", [["a"], ["b"], ["c"]]),
        ("\r\n\r\n a \r\n\r\n", [[" a "]]), (",", [["", ""]]), ("\"\"", [[""]]), ("\"a,b\",\"c\"\"d\"", [["a,b", "c\"d"]]),
        ("\"a\r\nb\",c\r\n", [["a\r\nb", "c"]]), ("\u{FEFF}a,b", [["a", "b"]]), ("\u{FEFF}\"a\"", [["a"]]),
        ("ü,\u{1F426}", [["ü", "\u{1F426}"]]),
        ("a;b,c\r\nd;e\r\n", [["a", "b,c"], ["d", "e"]]), ("a\tb;c\nd\te", [["a", "b;c"], ["d", "e"]]),
        ("\"a;b\",c\nd,e", [["a;b", "c"], ["d", "e"]]),
        ("a\nb\nc,d;e", [["a"], ["b"], ["c", "d;e"]]), ("sep=;\r\na;b\r\n", [["a", "b"]]), ("sep=,\na,b;c", [["a", "b;c"]]),
        ("\u{FEFF}sep=\t\r\na\tb", [["a", "b"]]), ("a,  \"b, c\"  ,d", [["a", "b, c", "d"]]), ("a, b ,c", [["a", " b ", "c"]]),
    ])
    func wellFormed(text: String, expected: [[String]]) {
        let rows = Self.parse(text)
        #expect(rows.map(\.fields) == expected)
        #expect(rows.allSatisfy { $0.fault == nil })
    }

    @Test(arguments: [
        ("a\r\nb\"c\r\nd", 2), ("a\r\n\"b\"c,\r\nd", 2), ("\"a\nb\nc", 1), ("a\n\n\n\"x\ny\"z\n", 4), ("a\n\"b\" c\n", 2),
        ("a\n b \"c\"\n", 2),
    ])
    func malformedRowsHaveTheirLine(text: String, line: Int) {
        let faults = Self.parse(text).filter { $0.fault != nil }
        #expect(faults.map(\.line) == [line])
    }

    @Test func invalidUTF8IsOneFault() {
        let rows = Self.parse([Array("a\n".utf8) + [0xC3, 0x28] + Array("\nb\n".utf8)])
        #expect(rows.map { $0.fault == nil } == [true, false, true])
        #expect(Self.parse([[0xEF, 0xBB, 0x61]]).first?.fault != nil)
    }

    @Test(arguments: ["\"", "x", "\"\"\"", ","]) func rowsAreBounded(_ start: String) {
        let filler = start == "," ? "," : "y"
        let rows = Self.parse(start + String(repeating: filler, count: 100_000) + "\nnext\n")
        #expect(rows.first?.fault != nil && rows.first?.line == 1)
        #expect(rows.last?.fields == ["next"] && rows.last?.line == 2)
    }

    @Test func everySplitIsParsedAlike() {
        let text = "\u{FEFF}address,note\r\n\"a \"\"b\"\"\",x\n\r\nü,\"1\r\n2\"\rb\"c\r\n\"open"
        let bytes = Array(text.utf8)
        let whole = Self.parse(text)
        #expect(whole.map(\.line) == [1, 2, 4, 6, 7])
        for index in 0...bytes.count {
            #expect(Self.parse([bytes[..<index], bytes[index...]]) == whole)
        }
        #expect(Self.parse(bytes.map { [$0] }) == whole)
    }

    @Test func mutantsAreParsedAlikeInPieces() {
        var generator = SeededGenerator(seed: 20_261_121)
        let sample = Array(
            "address,scope,sender,reason,note\r\na@x.example,sender,\"s@y.example\",manual,\"two\r\n\"\"lines\"\"\"\r\n".utf8)
        for _ in 0..<5000 {
            let mutant = sample.mutated(using: &generator)
            let index = Int.random(in: 0...mutant.count, using: &generator)
            #expect(Self.parse([mutant[..<index], mutant[index...]]) == Self.parse([mutant]))
        }
    }

    @Test(arguments: ["", "a", "=1+1", "+a@x", "-5", "'-5", "'=x", "''=x", "'a", "\t", "-a@x", "@", "\"=", "'\r\n", "a,b\r\nc"])
    func writtenValuesAreReadBack(_ text: String) {
        var csv = CSV(header: ["h"])
        csv.append([text, "x"])
        let rows = Self.parse(csv.text)
        #expect(rows.count == 2)
        #expect(rows.last?.fields.first.map(CSVCell.unprotect) == text)
        let first = rows.last?.fields.first?.unicodeScalars.first
        #expect(Double(text) != nil || first.map { !"=+-@\t\r".unicodeScalars.contains($0) } ?? true)
    }
}
