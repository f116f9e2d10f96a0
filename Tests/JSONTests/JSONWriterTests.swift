import JSON
import Testing

struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `Objects, arrays and values are nested and separated by commas`() {
        let none: String? = nil
        let text = written {
            $0.object {
                $0.member("id", "x")
                $0.member("n", 5)
                $0.member("rate", 1.25)
                $0.member("list") {
                    $0.array {
                        $0.value(1)
                        $0.object { $0.member("a", true) }
                        $0.array { _ in }
                        $0.object { _ in }
                        $0.value("[")
                        $0.value(["{", ":"])
                    }
                }
                $0.member("opt", none)
                $0.member("some", Optional("y"))
                $0.member("nothing") { _ in }
                $0.member("last", false)
            }
        }
        #expect(
            text
                == #"{"id":"x","n":5,"rate":1.25,"list":[1,{"a":true},[],{},"[",["{",":"]],"opt":null,"some":"y","nothing":null,"last":false}"#
        )
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c/", #""a\"b\\c/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1}\u{1F}\u{7F}", "\"\\u0000\\u0001\\u001f\u{7F}\""), ("\u{B}\u{1A}", #""\u000b\u001a""#),
        ("é😀\u{2028}\u{2029}", "\"é😀\u{2028}\u{2029}\""),
    ])
    func `Strings are escaped only where it is necessary`(text: String, json: String) throws {
        #expect(written { $0.value(text) } == json)
        #expect(written { $0.object { $0.member(text, text) } } == "{\(json):\(json)}")
        #expect(try JSONValue.parse(json.utf8) == .string(text))
    }

    @Test func `Every scalar of the first plane and some beyond survives a round trip`() throws {
        let scalars = (0...0xFFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init) + ["\u{1F600}", "\u{10FFFF}"]
        let text = String(String.UnicodeScalarView(scalars))
        let parsed = try #require(try JSONValue.parse(JSONValue.string(text).serialized).stringValue)
        #expect(parsed.unicodeScalars.elementsEqual(scalars))
    }

    @Test(
        arguments: [
            (0, "0"), (7, "7"), (-10, "-10"), (1_234_567_890, "1234567890"), (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
        ] as [(Int64, String)])
    func `Integers`(value: Int64, json: String) {
        #expect(written { $0.value(value) } == json)
        #expect(written { $0.value(Int(value)) } == json)
    }

    @Test(
        arguments: [
            (0.0, "0.0"), (-0.0, "-0.0"), (3, "3.0"), (0.1, "0.1"), (1e16, "1e+16"), (-2.5e-9, "-2.5e-09"), (.infinity, "null"),
            (.nan, "null"),
        ] as [(Double, String)])
    func `Doubles`(value: Double, json: String) {
        #expect(written { $0.value(value) } == json)
    }

    @Test func `An error of a closure is rethrown`() {
        struct Stop: Error {}
        var writer = JSONWriter()
        #expect(throws: Stop.self) { try writer.object { _ in throw Stop() } }
    }
}
