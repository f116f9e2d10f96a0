import MailModel
import TestSupport
import Testing

struct DMARCRecordTests {
    @Test func `reads a record`() throws {
        let record = try DMARCRecord(
            parsing:
                "v=DMARC1; p=Quarantine; sp=reject;adkim=s; aspf=r; pct=25; rua=mailto:a@example.com!10m, mailto:b@example.com ; fo=1; x=y;"
        )
        #expect(record.policy == .quarantine && record.subdomainPolicy == .reject)
        #expect(record.dkimAlignment == .strict && record.spfAlignment == .relaxed && record.percent == 25)
        #expect(record.reports == ["mailto:a@example.com!10m", "mailto:b@example.com"])
    }

    @Test(arguments: ["v=DMARC1;p=none", "v=DMARC1; p=none;", " v = DMARC1 ; p = none ", "v=DMARC1;p=none;;", "V=DMARC1;P=none"])
    func `defaults`(text: String) throws {
        let record = try DMARCRecord(parsing: text)
        #expect(record.policy == .none && record.subdomainPolicy == nil && record.percent == 100 && record.reports.isEmpty)
        #expect(record.dkimAlignment == .relaxed && record.spfAlignment == .relaxed)
    }

    @Test(arguments: [
        "", "v=DMARC1", "v=DMARC1;", "p=none; v=DMARC1", "v=dmarc1; p=none", "v=DMARC2; p=none", "v=DMARC1; p=", "v=DMARC1; p=all",
        "v=DMARC1; p=none; p=reject", "v=DMARC1; p=none; sp=x", "v=DMARC1 p=none", "v=DMARC1, p=none",
    ])
    func `refuses what is none`(text: String) {
        #expect(throws: DMARCRecord.Malformed.self) { try DMARCRecord(parsing: text) }
    }

    /// RFC 7489 section 6.3: what is wrong behind the policy gives way to defaults.
    @Test(arguments: ["pct=101", "pct=-1", "pct=", "adkim=x", "aspf=relaxed"]) func `invalid values are ignored`(tag: String)
        throws
    {
        let record = try DMARCRecord(parsing: "v=DMARC1; p=reject; \(tag); rua=mailto:a@example.com")
        #expect(record.policy == .reject && record.percent == 100 && record.dkimAlignment == .relaxed && record.spfAlignment == .relaxed)
        #expect(record.ignored.count == 1 && record.ignored[0].hasPrefix(String(tag.prefix { $0 != "=" })))
    }

    @Test(arguments: [
        ("v=DMARC1 p=none", "a semicolon is missing"), ("v=DMARC1, p=none", "a semicolon is missing"), ("v=dmarc1; p=none", "in capitals"),
        ("p=none; v=DMARC1", "has to come first"), ("\"v=DMARC1; p=none\"", "quotes"), ("DMARC1; p=none", "has to come first"),
        ("v=DMARC; p=none", "does not begin with"), ("p = reject", "does not begin with"), ("v=DMARC1.0; p=none", "a semicolon is missing"),
    ])
    func `what is nearly one`(text: String, words: String) {
        #expect(!DMARCRecord.isOne(text) && DMARCRecord.isNearlyOne(text))
        let error = #expect(throws: DMARCRecord.Malformed.self) { try DMARCRecord(parsing: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: ["v=DMARC1; p=none", "hello", "v=spf1 -all", "google-site-verification=x", ""]) func `what is not nearly one`(
        text: String
    ) {
        #expect(!DMARCRecord.isNearlyOne(text))
    }

    @Test func `never crashes`() {
        var generator = SeededGenerator(seed: 12)
        let sample = Array(
            "v=DMARC1; p=quarantine; sp=reject; adkim=s; aspf=r; pct=25; rua=mailto:a@example.com,mailto:b@example.com; fo=1".utf8)
        for round in 0..<SeededGenerator.rounds {
            _ = try? DMARCRecord(parsing: String(decoding: sample.mutated(keeping: round % 2 * 9, using: &generator), as: UTF8.self))
        }
    }
}
