import JSON
import Testing

struct JSONObjectTests {
    @Test func `Members keep their order and are found by name`() throws {
        let object = try #require(try JSONValue.parse(#"{"b":1,"":2,"a":null}"#.utf8).objectValue)
        #expect(object.names == ["b", "", "a"])
        #expect(object.map(\.value) == [.number(.init(1)), .number(.init(2)), .null])
        #expect(object["a"] == .null)
        #expect(object[""]?.integerValue == 2)
        #expect(object["c"] == nil)
    }

    @Test func `Setting replaces, adds at the end, removes`() {
        var object = JSONObject()
        object["a"] = .bool(true)
        object["b"] = .null
        object["a"] = .string("x")
        #expect(JSONValue.object(object).serialized == Array(#"{"a":"x","b":null}"#.utf8))
        object["a"] = nil
        object["z"] = nil
        #expect(object.names == ["b"])
    }

    @Test(arguments: [15, 16, 17, 100]) func `many members are found, replaced and removed like a few`(count: Int) throws {
        var object = JSONObject()
        for number in 0..<count { object["n\(number)"] = .number(.init(Int64(number))) }
        let parsed = try #require(try JSONValue.parse(JSONValue.object(object).serialized).objectValue)
        #expect(parsed == object && parsed.count == count)
        for number in 0..<count { #expect(parsed["n\(number)"]?.integerValue == Int64(number)) }
        #expect(parsed["n\(count)"] == nil)
        object["n3"] = nil
        object["n4"] = .null
        object["new"] = .bool(true)
        #expect(object["n3"] == nil && object["n4"] == .null && object["new"] == .bool(true))
        #expect(object["n\(count - 1)"]?.integerValue == Int64(count - 1))
        #expect(object.names == (0..<count).filter { $0 != 3 }.map { "n\($0)" } + ["new"])
    }

    /// The work per member of an object of eight times as many members is about the same.
    ///
    /// The shortest of some times counts: others use the processor too.
    @Test func `the lookups of an object take time by their number alone`() throws {
        func time(of count: Int) throws -> Duration {
            let text = "{" + (0..<count).map { #""name\#($0)":1"# }.joined(separator: ",") + "}"
            let object = try #require(try JSONValue.parse(text.utf8).objectValue)
            let times = (0..<5).map { _ in
                ContinuousClock().measure {
                    for name in object.names { #expect(object[name] != nil) }
                }
            }
            return try #require(times.min())
        }
        let (few, many) = (try time(of: 2000), try time(of: 16_000))
        #expect(many < few * 32, "by linear lookups it would be 64 times")
    }

    @Test func `a document has a bounded number of values`() throws {
        let text = "[" + String(repeating: "0,", count: 499_998) + "0]"
        #expect(try JSONValue.parse(text.utf8).arrayValue?.count == 499_999)
        let larger = "[0," + text.dropFirst()
        #expect(throws: JSONError.self) { try JSONValue.parse(larger.utf8) }
        #expect(throws: JSONError.self) { try JSONValue.parseLeniently(larger.utf8) }
    }

    @Test(arguments: [
        ("null", "null"), ("true", "a boolean"), ("1.5", "a number"), ("\"\"", "a string"), ("[]", "an array"), ("{}", "an object"),
    ])
    func `Each value has one kind and one accessor`(text: String, kind: String) throws {
        let value = try JSONValue.parse(text.utf8)
        #expect(value.kind == kind)
        #expect((value.boolValue != nil) == (kind == "a boolean"))
        #expect((value.doubleValue != nil) == (kind == "a number"))
        #expect((value.stringValue != nil) == (kind == "a string"))
        #expect((value.arrayValue != nil) == (kind == "an array"))
        #expect((value.objectValue != nil) == (kind == "an object"))
    }
}
