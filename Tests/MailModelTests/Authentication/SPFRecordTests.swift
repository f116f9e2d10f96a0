import MailModel
import TestSupport
import Testing

struct SPFRecordTests {
    private typealias Record = SPFRecord

    private static let valid: [(text: String, directives: [Record.Directive], redirect: String?, lookups: Int)] = [
        ("v=spf1", [], nil, 0),
        ("v=spf1 include:amazonses.com ~all", [.init(.pass, .include("amazonses.com")), .init(.softFail, .all)], nil, 1),
        ("V=SPF1 Include:AmazonSES.com. -ALL", [.init(.pass, .include("amazonses.com")), .init(.fail, .all)], nil, 1),
        ("v=spf1 a mx ptr ?all", [.init(.pass, .a(nil)), .init(.pass, .mx(nil)), .init(.pass, .ptr(nil)), .init(.neutral, .all)], nil, 3),
        ("v=spf1 a:b.example/24 mx/24//64 a//64", [.init(.pass, .a("b.example")), .init(.pass, .mx(nil)), .init(.pass, .a(nil))], nil, 3),
        (
            "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1 +all",
            [
                .init(.pass, .ip4("192.0.2.0/24")), .init(.pass, .ip6("2001:db8::/32")), .init(.pass, .ip6("::1")),
                .init(.pass, .ip6("::ffff:192.0.2.1")), .init(.pass, .all),
            ], nil, 0
        ),
        ("v=spf1 exists:%{i}._spf.example", [.init(.pass, .exists("%{i}._spf.example"))], nil, 1),
        ("v=spf1 redirect=_spf.example", [], "_spf.example", 1),
        // Nothing behind `all` is looked at.
        ("v=spf1 -all include:a.example redirect=b.example", [.init(.fail, .all)], nil, 0),
        ("v=spf1 exp=why.example new=x:y a  ", [.init(.pass, .a(nil))], nil, 1),
    ]

    @Test(arguments: valid.indices) func `reads a policy`(index: Int) throws {
        let (text, directives, redirect, lookups) = Self.valid[index]
        let record = try SPFRecord(parsing: text)
        #expect(record.directives == directives)
        #expect(record.redirect == redirect)
        #expect(record.lookups == lookups)
    }

    @Test(arguments: [
        "", "v=spf10 a", "v=spf2.0/pra a", " v=spf1 a", "v=spf1 includes:a.example", "v=spf1 include", "v=spf1 include:", "v=spf1 all:x",
        "v=spf1 ip4:192.0.2", "v=spf1 ip4:192.0.2.1/33", "v=spf1 ip4:192.0.2.256", "v=spf1 ip4:192.0.2.1/024", "v=spf1 ip4",
        "v=spf1 ip6:2001:db8", "v=spf1 ip6:1::2::3", "v=spf1 ip6:g::", "v=spf1 ip6:::/129", "v=spf1 ip6:1:2:3:4:5:6:7:8:9",
        "v=spf1 a/33", "v=spf1 a/", "v=spf1 a//129", "v=spf1 a:", "v=spf1 mx:/24", "v=spf1 redirect=a.example redirect=b.example",
        "v=spf1 redirect=", "v=spf1 -", "v=spf1 é", "v=spf1 a\u{0}", "v=spf1 \"a\"", "v=spf1\ta", "v=spf1 a, mx",
    ])
    func `refuses what is none`(text: String) {
        #expect(throws: SPFRecord.Malformed.self) { try SPFRecord(parsing: text) }
    }

    @Test(arguments: [
        ("v=spf1include:amazonses.com -all", true), ("v=spf 1 include:amazonses.com", true), ("\"v=spf1 -all\"", true),
        (" v=spf1 -all", true),
        ("v=spf2 -all", true), ("spf1 -all", true), ("v:spf1 -all", true), ("include:amazonses.com ~all", true), ("v=spf1,-all", true),
        ("v=spf1\t-all", true),
        ("v=spf1 -all", false), ("v=spf1", false), ("spf2.0/pra include:amazonses.com -all", false), ("google-site-verification=x", false),
        ("", false), ("v=DKIM1; p=x", false),
    ])
    func `what is nearly one`(text: String, isNear: Bool) {
        #expect(SPFRecord.isNearlyOne(text) == isNear)
    }

    @Test func `names what it refers to`() throws {
        let record = try SPFRecord(parsing: "v=spf1 include:a.example a:b.example ?include:c.example redirect=d.example")
        #expect(record.references == ["a.example", "c.example", "d.example"])
    }

    @Test func `never crashes`() {
        var generator = SeededGenerator(seed: 11)
        let samples = Self.valid.map(\.text)
        for round in 0..<SeededGenerator.rounds {
            let mutant = Array(samples[round % samples.count].utf8).mutated(keeping: round % 2 * 6, using: &generator)
            _ = try? SPFRecord(parsing: String(decoding: mutant, as: UTF8.self)).lookups
        }
    }
}
