import MailModel
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2026-01-31T23:59:59.123Z", 1_769_903_999_123),
        ("2018-10-08T14:05:45 +0000", 1_539_007_545_000), ("2018-10-08 14:05:45Z", 1_539_007_545_000),
        ("2018-10-08t14:05:45z", 1_539_007_545_000),
        ("2018-10-08T16:05:45+02:00", 1_539_007_545_000), ("2018-10-08T08:35:45-05:30", 1_539_007_545_000),
        ("2018-10-08T14:05:45.9999999Z", 1_539_007_545_999), ("2018-10-08T14:05:45.5Z", 1_539_007_545_500),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000), ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T12:00:00Z", 951_825_600_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
    func `RFC 3339 is read`(text: String, milliseconds: Int64) throws {
        let time = try #require(Timestamp(rfc3339: text))
        #expect(time.milliseconds == milliseconds)
        #expect(Timestamp(rfc3339: time.description) == time)
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-01-31T23:59Z", "2026-01-31T23:59:59", "2026-01-31T23:59:59.Z", "2026-01-31T24:00:00Z",
        "2026-01-31T23:60:00Z", "2026-01-31T23:59:61Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-31T23:59:59Zx", "2026-01-31T23:59:59+24:00", "2026-01-31T23:59:59+1:00", "2026-01-31T23:59:59+01:60", "26-01-31T23:59:59Z",
        "2026-1-31T23:59:59Z",
        "+026-01-31T23:59:59Z", "2026-01-31X23:59:59Z", "2026/01/31T23:59:59Z", "２026-01-31T23:59:59Z",
    ])
    func `Other text, and dates that do not exist, are refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_769_903_999_007, "2026-01-31T23:59:59.007Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `RFC 3339 is written with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func `Times and durations add up`() {
        let time = Timestamp(milliseconds: 5_000)
        #expect(time + .seconds(2) == Timestamp(milliseconds: 7_000))
        #expect(time - .milliseconds(5_001) == Timestamp(milliseconds: -1))
        #expect(Timestamp(milliseconds: 1_000) - time == .seconds(-4))
        #expect(time < time + .milliseconds(1))
        #expect(Duration.microseconds(-1_999).milliseconds == -1)
    }
}
