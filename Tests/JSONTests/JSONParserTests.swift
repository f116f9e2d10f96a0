import JSON
import TestSupport
import Testing

struct JSONParserTests {
    @Test(arguments: [
        ("null", JSONValue.null), (" \t\r\ntrue ", .bool(true)), ("false", .bool(false)),
        ("\"\"", .string("")), ("\"abc\"", .string("abc")),
        ("\"a longer string than fits inline\"", .string("a longer string than fits inline")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0041\u00e9\u20AC""#, .string("Aé€")), (#""\ud83d\uDE00 x""#, .string("😀 x")), (#""\u0000""#, .string("\0")),
        (#""\udbff\udfff""#, .string("\u{10FFFF}")),
        ("\"é € 😀 \u{2028}\u{7F}\"", .string("é € 😀 \u{2028}\u{7F}")), (#""é\n€""#, .string("é\n€")),
        (#""\\u0041""#, .string("\\u0041")), ("\"/*x*/ //\"", .string("/*x*/ //")),
        ("[]", .array([])), ("[ ]", .array([])), ("[1 ,\n2]", .array([.number(.init(1)), .number(.init(2))])),
        ("[[],[[]]]", .array([.array([]), .array([.array([])])])),
        ("{}", .object(JSONObject())), ("[null,\"\",false]", .array([.null, .string(""), .bool(false)])),
    ])
    func `Valid documents`(text: String, value: JSONValue) throws {
        #expect(try JSONValue.parse(text.utf8) == value)
        #expect(try JSONValue.parse(value.serialized) == value)
    }

    @Test(arguments: [
        "", " ", "\u{FEFF}1", "nul", "True", "nulll", "tru", "undefined", "NaN", "-NaN", "Infinity", "'a'", "a",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "[\"a\"", "[\"a\",\n4\n,1,", "[\u{C}]", "[\u{2060}]", "[\u{A0}]",
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{'a':1}", "{\"a\" 1}", "{\"a\"::1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1]", "{,}", "{\"a\":1,,\"b\":2}",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":1}", "{\"a\":1}#", "{\"a\":1}//", "/**/1", "1 2", "1,", "[]]", "{}}", "[][]", "null\0",
        "+1", "-", "--1", "01", "-01", "00", "-2.", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1E-", "1e1.5", "0x1", "1_000", "1a", "0e",
        "1.2.3", "١", "１",
        "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\", "\"\\u\"", "\"\\u12\"", "\"\\u123", "\"\\u123g\"", "\"\\U0041\"", "\"\\u+123\"",
        "\"\\'\"", "\"\\\u{1F600}\"", "\"\\0\"",
        #""\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\udc00""#, #""\udc00\ud800""#,
        #""\ud800\u""#, #""\ud800\"#,
        "\"\n\"", "\"\t\"", "\"a\0b\"", "\"\u{1F}\"", "\"eight or more bytes\u{1}\"",
    ])
    func `Invalid documents`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text.utf8) }
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0xAF], [0xE2, 0x82], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE9],
        ] as [[UInt8]])
    func `Bytes that are not UTF-8 are refused in every position`(bytes: [UInt8]) {
        for (prefix, suffix) in [("", ""), ("long enough prefix é", "tail"), ("\\n", "tail"), ("x", "\\n")] {
            let document = Array("\"\(prefix)".utf8) + bytes + Array("\(suffix)\"".utf8)
            let error = #expect(throws: JSONError.self) { try JSONValue.parse(document) }
            #expect(error?.message == "The text is not valid UTF-8.")
        }
        #expect(throws: JSONError.self) { try JSONValue.parse(bytes) }
        #expect(throws: JSONError.self) { try JSONValue.parse(Array("{\"".utf8) + bytes + Array("\":0}".utf8)) }
    }

    @Test func `Strings of each length up to 40 are parsed`() throws {
        for length in 0...40 {
            let text = String(repeating: "x", count: length)
            #expect(try JSONValue.parse("\"\(text)\"".utf8) == .string(text))
            #expect(try JSONValue.parse("\"\(text)\\n\(text)\"".utf8) == .string("\(text)\n\(text)"))
            #expect(try JSONValue.parse("\"\(text)é\(text)\"".utf8) == .string("\(text)é\(text)"))
        }
    }

    @Test func `64 levels are parsed, 65 and a million are refused`() throws {
        func nested(_ depth: Int) -> [UInt8] { Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth) }
        #expect(throws: Never.self) { try JSONValue.parse(nested(64)) }
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(nested(65)) }
        #expect(error?.message == "Arrays and objects are nested more than 64 levels deep.")
        #expect(error?.offset == 64)
        #expect(throws: JSONError.self) { try JSONValue.parse(nested(1_000_000)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(String(repeating: "{\"a\":", count: 100_000).utf8) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `Objects with many members are parsed in bounded time, and duplicate names are found`() throws {
        let members = (0..<100_000).map { "\"name\($0)\":\($0)" }
        let object = try #require(try JSONValue.parse("{\(members.joined(separator: ","))}".utf8).objectValue)
        #expect(object.count == 100_000)
        #expect(object["name99999"]?.integerValue == 99_999)
        let twice = #expect(throws: JSONError.self) { try JSONValue.parse("{\(members.joined(separator: ",")),\"name17\":0}".utf8) }
        #expect(twice?.message == "The name \"name17\" occurs twice in one object.")
    }

    @Test func `A collection that is not contiguous is parsed`() throws {
        let bytes = Array("{\"a\":[1,2]}".utf8)
        #expect(try JSONValue.parse(bytes.lazy.map { $0 }) == JSONValue.parse(bytes))
    }

    @Test(arguments: [
        ("", "Expected a value but found the end of the text at line 1, column 1."),
        ("{\n  \"é\": }", "Expected a value but found \"}\" at line 2, column 8."),
        ("{\"a\" 1}", "Expected \":\" after the member name but found \"1\" at line 1, column 6."),
        ("{a:1}", "Expected a member name in double quotes but found \"a\" at line 1, column 2."),
        ("[1\r\n2]", "Expected \",\" or \"]\" but found \"2\" at line 2, column 1."),
        ("{\"a\":1;", "Expected \",\" or \"}\" but found \";\" at line 1, column 7."),
        ("{} 😀", "Expected the end of the text but found \"😀\" at line 1, column 4."),
        ("\u{FEFF}{}", "Expected a value but found the character U+FEFF at line 1, column 1."),
        ("\"abc", "Expected the closing quote of the string but found the end of the text at line 1, column 5."),
        ("\"a\nb\"", "A control character in a string must be escaped at line 1, column 3."),
        ("007", "A number must not begin with a needless zero at line 1, column 1."),
        ("-x", "Expected a digit but found \"x\" at line 1, column 2."),
        ("[\"\\ud800\"]", "A \\u escape is one half of a surrogate pair without the other half at line 1, column 3."),
        ("{\"a\":1, \"a\":2}", "The name \"a\" occurs twice in one object at line 1, column 9."),
    ])
    func `Errors have a reason and a position`(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(text.utf8) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (#""a\ud83d""#, "a\u{FFFD}"), (#""\ude00b""#, "\u{FFFD}b"), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud83d\u12""#, "\u{FFFD}\u{FFFD}u12"), (#""\ud83d\ude00""#, "😀"),
        (#""\x\q\u00g0""#, "\u{FFFD}x\u{FFFD}q\u{FFFD}u00g0"), ("\"a\nb\0c\"", "a\nb\0c"), (#""\é""#, "\u{FFFD}é"),
        ("\u{FEFF}\"bom\"", "bom"),
    ])
    func `Lenient: a fault in a string replaces a character`(text: String, value: String) throws {
        #expect(try JSONValue.parseLeniently(text.utf8) == .string(value))
    }

    @Test(
        arguments: [
            ([0x80], "\u{FFFD}"), ([0xC3], "\u{FFFD}"), ([0xE9], "\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xFF, 0xFE], "\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)])
    func `Lenient: bytes that are not UTF-8 are replaced`(bytes: [UInt8], text: String) throws {
        for (prefix, suffix) in [("", ""), ("é", "\\n")] {
            let document = Array("{\"a\":\"\(prefix)".utf8) + bytes + Array("\(suffix)\",\"b\":1}".utf8)
            let object = try #require(try JSONValue.parseLeniently(document).objectValue)
            #expect(object["a"] == .string(prefix + text + (suffix.isEmpty ? "" : "\n")))
            #expect(object["b"]?.integerValue == 1)
        }
    }

    @Test func `Lenient: of members with the same name the last value counts`() throws {
        let many = (0..<40).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        for (text, expected) in [(#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#), ("{\(many),\"m3\":\"x\",\"m39\":0}", nil)] {
            let value = try JSONValue.parseLeniently(text.utf8)
            if let expected { #expect(String(decoding: value.serialized, as: UTF8.self) == expected) }
            #expect(throws: JSONError.self) { try JSONValue.parse(text.utf8) }
        }
        let object = try #require(try JSONValue.parseLeniently("{\(many),\"m3\":\"x\",\"m39\":0}".utf8).objectValue)
        #expect(object["m3"] == .string("x") && object["m39"]?.integerValue == 0 && Array(object).count == 40)
    }

    @Test func `Lenient: values nested too deep are null, and what follows is parsed`() throws {
        let deep = String(repeating: "[{\"k]}\":", count: 100_000) + "1" + String(repeating: "}]", count: 100_000)
        let object = try #require(try JSONValue.parseLeniently("{\"deep\":\(deep),\"after\":\"x\"}".utf8).objectValue)
        #expect(object["after"] == .string("x"))
        #expect(object["deep"] != nil)
        #expect(throws: JSONError.self) { try JSONValue.parse("{\"deep\":\(deep)}".utf8) }
        #expect(throws: JSONError.self) { try JSONValue.parseLeniently(String(repeating: "[", count: 100_000).utf8) }
    }

    @Test(arguments: ["", "{", "[1", "\"a", "\"\\", "{\"a\":}", "{\"a\" 1}", "[1]]", "nul", "\u{FEFF}", "{'a':1}", "[01]"])
    func `Lenient: the structure has to be valid`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parseLeniently(text.utf8) }
    }
}

/// Mutations of a document with all kinds of values.
struct JSONFuzzTests {
    private static let seed = Array(
        #"{"to":"a@example.com","text":"Gr\u00fc\u00dfe, \ud83d\ude00 é\n","n":[0,-1,1.5e-3,9223372036854775808],"x":{"y":[[],{},null,true,false]}}"#
            .utf8)

    @Test func `mutations do not crash, and accepted ones survive a round trip`() throws {
        var generator = SeededGenerator(seed: 42)
        var accepted = 0
        for _ in 0..<SeededGenerator.rounds {
            let document = Self.seed.mutated(using: &generator)
            guard let value = try? JSONValue.parse(document) else { continue }
            accepted += 1
            let again = try JSONValue.parse(value.serialized)
            if again != value { Issue.record("not the same: \(document)") }
        }
        #expect(accepted > SeededGenerator.rounds / 200)
    }
}
