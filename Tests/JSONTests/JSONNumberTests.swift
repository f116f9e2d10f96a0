import JSON
import Testing

struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0, 0.0), ("-0", 0, -0.0), ("7", 7, 7), ("-1", -1, -1), ("1234567890", 1_234_567_890, 1_234_567_890),
            ("9223372036854775807", .max, 0x1p63), ("-9223372036854775808", .min, -0x1p63),
            ("9223372036854775808", nil, 0x1p63), ("-9223372036854775809", nil, -0x1p63),
            ("18446744073709551616", nil, 0x1p64), ("100000000000000000000000", nil, 1e23),
            ("1.0", nil, 1), ("1e3", nil, 1000), ("1E+2", nil, 100), ("-1.5e-3", nil, -0.0015), ("0.1", nil, 0.1), ("0e0", nil, 0),
            ("0E1", nil, 0),
            ("123.456e78", nil, 123.456e78), ("1e-999", nil, 0), ("1e999", nil, nil), ("-1e999", nil, nil),
        ] as [(String, Int64?, Double?)])
    func `Integers are exact, doubles nearest, and the text is preserved`(text: String, integer: Int64?, double: Double?) throws {
        let value = try JSONValue.parse(text.utf8)
        #expect(value.integerValue == integer)
        #expect(value.doubleValue == double)
        #expect(value.serialized == Array(text.utf8))
    }

    @Test(arguments: ["0", "-0.0", "1.25", "5e-324", "1.7976931348623157e+308", "0.1", "1e+16", "1e-07"])
    func `A double is written as the shortest text that reads back`(text: String) throws {
        let double = try #require(Double(text))
        let number = try #require(JSONNumber(double))
        #expect(number.double == double)
        #expect(try JSONValue.parse(JSONValue.number(number).serialized).doubleValue == double)
    }

    @Test func `Infinities and NaN are no numbers`() {
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
        #expect(JSONNumber(Double.nan) == nil)
    }
}
