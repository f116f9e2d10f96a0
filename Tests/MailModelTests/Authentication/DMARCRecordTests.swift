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
        "v=DMARC1; p=none; p=reject", "v=DMARC1; p=none; sp=x", "v=DMARC1; p=none; pct=101", "v=DMARC1; p=none; pct=-1",
        "v=DMARC1; p=none; adkim=x", "v=DMARC1 p=none",
    ])
    func `refuses what is none`(text: String) {
        #expect(throws: DMARCRecord.Malformed.self) { try DMARCRecord(parsing: text) }
    }

    @Test func `never crashes`() {
        var generator = SeededGenerator(seed: 12)
        let sample = Array(
            "v=DMARC1; p=quarantine; sp=reject; adkim=s; aspf=r; pct=25; rua=mailto:a@example.com,mailto:b@example.com; fo=1".utf8)
        for round in 0..<20_000 {
            _ = try? DMARCRecord(parsing: String(decoding: sample.mutated(keeping: round % 2 * 9, using: &generator), as: UTF8.self))
        }
    }
}
