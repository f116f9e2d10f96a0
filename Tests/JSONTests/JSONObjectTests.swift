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
