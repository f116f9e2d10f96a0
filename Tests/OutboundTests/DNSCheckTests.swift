import AmazonSES
import DNS
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(1)))
struct DNSCheckTests {
    /// The answers of the DNS, by type and name; any other name does not exist.
    private typealias Zone = [String: DNSAnswer]

    private static func txt(_ texts: String...) -> DNSAnswer { .records(texts.map { .txt($0) }) }

    /// All records as they should be.
    private static let good: Zone = [
        "txt _amazonses.shop.example": txt("other", "token-of-shop.example"),
        "cname one._domainkey.shop.example": .records([.cname("one.dkim.amazonses.com")]),
        "cname two._domainkey.shop.example": .records([.cname("two.dkim.amazonses.com")]),
        "cname three._domainkey.shop.example": .records([.cname("three.dkim.amazonses.com")]),
        "txt shop.example": txt("google-site-verification=x", "v=spf1 include:amazonses.com -all"),
        "mx mail.shop.example": .records([.mx(preference: 10, exchange: "feedback-smtp.eu-west-1.amazonses.com")]),
        "txt mail.shop.example": txt("v=spf1 include:amazonses.com ~all"),
        "txt _dmarc.shop.example": txt("v=DMARC1; p=reject; rua=mailto:d@shop.example"),
        "mx shop.example": .records([.mx(preference: 20, exchange: "b.example"), .mx(preference: 10, exchange: "a.example")]),
    ]

    private func check(
        _ zone: Zone, of name: String = "shop.example", isRequested: Bool = true, mailFrom: String? = nil, error: SESError? = nil
    ) async throws -> [RecordCheck] {
        try await withStore { store in
            let domain = try await store.makeDomain(name) { $0.verification.requestedAt = isRequested ? $0.createdAt : nil }
            let identities = FakeIdentities()
            identities.answer(mailFrom: mailFrom.map(DomainName.init(validated:)))
            identities.fail(error)
            let service = DNSCheckService(store: store, identities: identities, patience: .seconds(5)) { name, type in
                zone["\(type) \(name)"] ?? .noSuchName
            }
            let found = try await service.check(name.uppercased(), by: .client(of: domain))
            #expect(found.domain == domain.name && found.checkedAt == store.now)
            #expect(found.records.allSatisfy { $0.state == .found || $0.advice != nil })
            return found.records
        }
    }

    @Test func `all records are correct`() async throws {
        let records = try await check(Self.good, mailFrom: "mail.shop.example")
        #expect(records.map(\.purpose) == [.verification, .dkim, .dkim, .dkim, .spf, .mailFrom, .mailFromSPF, .dmarc, .mx])
        #expect(records.allSatisfy { $0.state == .found && $0.advice == nil }, "\(records)")
        #expect(records.map(\.expected).prefix(2) == ["token-of-shop.example", "one.dkim.amazonses.com"])
        #expect(records[0].seen == ["other", "token-of-shop.example"])
        #expect(records[4].lookups == 1)
        #expect(records[7].dmarc == .init(policy: .reject, isDKIMAligned: true, isSPFAligned: true))
        #expect(records[8].seen == ["10 a.example", "20 b.example"])
    }

    /// Only where the configuration set of the domain's tier has one.
    @Test(arguments: [
        (nil as String?, RecordCheck.State.missing), ("r.eu-west-1.awstrack.me", .found), ("r.us-east-1.awstrack.me", .different),
        ("d1.cloudfront.net", .different),
    ])
    func `the redirect domain has to lead to SES`(alias: String?, state: RecordCheck.State) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.tier = .dedicated }
            _ = try await store.makeDomain("plain.example")
            let redirect = RedirectDomain(DomainName(validated: "links.operator.example"), target: "r.eu-west-1.awstrack.me")
            let service = DNSCheckService(
                store: store, identities: FakeIdentities(), patience: .seconds(5), redirect: { $0 == .dedicated ? redirect : nil }
            ) { name, _ in
                name == "links.operator.example" ? alias.map { .records([.cname($0)]) } ?? .noSuchName : .noSuchName
            }
            let last = try await service.check("shop.example", by: .client(of: domain)).records.last
            #expect(last?.purpose == .redirect && last?.name == "links.operator.example" && last?.state == state)
            #expect((last?.advice == nil) == (state == .found))
            #expect(try await service.check("plain.example", by: .master).records.last?.purpose == .mx)
        }
    }

    @Test func `all records are missing`() async throws {
        let records = try await check([:])
        #expect(records.allSatisfy { $0.state == .missing && $0.seen.isEmpty })
    }

    @Test func `the DNS does not answer`() async throws {
        let records = try await check(Dictionary(uniqueKeysWithValues: Self.good.keys.map { ($0, .failed(.noAnswer)) }))
        #expect(records.allSatisfy { $0.state == .unknown && $0.seen.isEmpty })
    }

    @Test func `SES does not answer`() async throws {
        let records = try await check(Self.good, error: .throttled)
        #expect(records.filter { $0.state == .unknown }.map(\.purpose) == [.verification, .dkim])
        #expect(records.first { $0.purpose == .mailFrom }?.state == .found)
    }

    @Test func `SES was not asked yet`() async throws {
        let records = try await check(Self.good, isRequested: false)
        #expect(records.filter { $0.state == .missing }.map(\.purpose) == [.verification, .dkim])
        #expect(records[0].advice?.contains("POST /domains/shop.example/ses-verify") == true)
    }

    private static let spf: [(texts: [String], others: [String: [String]], state: RecordCheck.State, lookups: Int?, words: String)] = [
        (["v=spf1 a mx -all"], [:], .different, 2, "Add include:amazonses.com"),
        (["v=spf1 include:a.example -all"], ["a.example": ["v=spf1 include:amazonses.com"]], .found, 2, ""),
        (["v=spf1 redirect=a.example"], ["a.example": ["v=spf1 include:amazonses.com -all"]], .found, 2, ""),
        (["v=spf1 -all include:amazonses.com"], [:], .different, 0, "Add include:amazonses.com"),
        (["v=spf1 include:amazonses.com +all"], [:], .different, 1, "everybody"),
        (["v=spf1 include:amazonses.com -all", "v=spf1 mx -all"], [:], .different, nil, "more than one"),
        (["v=spf1 include:amazonses.com ipv4:192.0.2.1 -all"], [:], .different, nil, "“ipv4:192.0.2.1” is no mechanism"),
        (["v=spf1 include:amazonses.com include:a.example -all"], [:], .different, 2, "a.example, which has no policy"),
        (["v=spf1 include:amazonses.com include:a.example -all"], ["a.example": ["v=spf1", "v=spf1"]], .different, 2, "more than one"),
        (["v=spf1 include:amazonses.com include:a.example -all"], ["a.example": ["v=spf1 x"]], .different, 2, "not valid"),
        (["v=spf1 include:shop.example include:amazonses.com -all"], [:], .different, 12, "more than 10 lookups"),
        (["v=spf1 a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9 include:amazonses.com -all"], [:], .found, 10, ""),
        (["v=spf1 a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9 a:10 include:amazonses.com -all"], [:], .different, 11, "more than 10"),
        (["v=spf1 include:%{d}.example include:amazonses.com -all"], [:], .found, 2, ""),
        (["v=spf1 include:silent.example include:amazonses.com -all"], [:], .found, 2, ""),
        (["v=spf1 include:silent.example -all"], [:], .unknown, nil, "did not answer"),
        (["v=spf1 ?include:amazonses.com -all"], [:], .different, 1, "“?include:amazonses.com” does not authorise SES"),
        (["v=spf1 ~include:amazonses.com -all"], [:], .different, 1, "“~include:amazonses.com” does not authorise SES"),
        (["v=spf1 -include:amazonses.com ~all"], [:], .different, 1, "“-include:amazonses.com” does not authorise SES"),
        (["v=spf1 +include:amazonses.com -all"], [:], .found, 1, ""),
        (["v=spf1 ?include:a.example -all"], ["a.example": ["v=spf1 include:amazonses.com -all"]], .different, 2, "“?include:a.example”"),
        (["v=spf1 include:a.example -all"], ["a.example": ["v=spf1 ?include:amazonses.com -all"]], .different, 2, "does not authorise SES"),
        (["v=spf1 include:a.example include:amazonses.com -all"], ["a.example": ["v=spf1 mx -all"]], .found, 3, ""),
        (
            ["v=spf1 -include:a.example include:amazonses.com ~all"], ["a.example": ["v=spf1 redirect=amazonses.com"]], .different, 3,
            "“-include"
        ),
        (["v=spf1 redirect=amazonses.com"], [:], .found, 1, ""),
        (["v=spf1 -all redirect=amazonses.com"], [:], .different, 0, "Add include:amazonses.com"),
        (["v=spf1 redirect=a.example"], [:], .different, 1, "a.example, which has no policy"),
        (["v=spf1 ip4:0.0.0.0/0 -all"], [:], .different, 0, "everybody"),
        (["v=spf1 ?all include:amazonses.com"], [:], .different, 0, "Add include:amazonses.com"),
        (["v=spf1 include:a.example -all"], ["a.example": ["v=spf1 include:shop.example -all"]], .different, 11, "more than 10"),
        (["spf1 include:amazonses.com"], [:], .different, nil, "has to begin with “v=spf1”"),
        (["v=spf1include:amazonses.com -all"], [:], .different, nil, "has to begin with “v=spf1”"),
        (["\"v=spf1 include:amazonses.com -all\""], [:], .different, nil, "has to begin with “v=spf1”"),
        (["google-site-verification=x"], [:], .missing, nil, "Add this TXT record"),
        (["spf2.0/pra include:amazonses.com"], [:], .missing, nil, "Add this TXT record"),
    ]

    @Test(arguments: spf.indices) func `the SPF policy`(index: Int) async throws {
        let (texts, others, state, lookups, words) = Self.spf[index]
        var zone: Zone = ["txt shop.example": .records(texts.map { .txt($0) }), "txt silent.example": .failed(.serverFailure)]
        for (name, texts) in others { zone["txt \(name)"] = .records(texts.map { .txt($0) }) }
        let record = try #require(try await check(zone).first { $0.purpose == .spf })
        #expect(record.state == state, "\(record)")
        if state != .unknown { #expect(record.lookups == lookups) }
        #expect(record.advice?.contains(words) ?? words.isEmpty, "\(record)")
    }

    private static let dmarc: [(zone: Zone, state: RecordCheck.State, policy: DMARCRecord.Policy?, words: String)] = [
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=none")], .found, DMARCRecord.Policy.none, "Without rua"),
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=quarantine; pct=20; rua=mailto:a@b.example")], .found, .quarantine, "pct=20"),
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=nothing")], .different, nil, "Correct the record: p is none of"),
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=none", "v=DMARC1; p=reject")], .different, nil, "Leave one"),
        (["txt _dmarc.shop.example": txt("hello")], .missing, nil, "Add this TXT record"),
        (["txt _dmarc.shop.example": txt("v=spf1 -all")], .missing, nil, "Add this TXT record"),
        (["txt _dmarc.shop.example": txt("v=DMARC1 p=reject")], .different, nil, "a semicolon is missing behind v=DMARC1"),
        (["txt _dmarc.shop.example": txt("v=dmarc1; p=reject")], .different, nil, "in capitals"),
        (["txt _dmarc.shop.example": txt("p=reject; v=DMARC1")], .different, nil, "has to come first"),
        (["txt _dmarc.shop.example": txt("\"v=DMARC1; p=reject\"")], .different, nil, "quotes"),
        (
            ["txt _dmarc.shop.example": txt("v=DMARC1; rua=mailto:a@b.example")], .different, nil,
            "p, the policy, is missing, so that receivers act as if it were p=none"
        ),
        (["txt _dmarc.shop.example": txt("v=DMARC1; sp=none")], .different, nil, "so that receivers ignore the record"),
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=reject; sp=all")], .different, nil, "sp is none of"),
        (["txt _dmarc.shop.example": txt("v=DMARC1; p=reject; p=none")], .different, nil, "twice"),
        (
            ["txt _dmarc.shop.example": txt("v=DMARC1; adkim=s; p=REJECT; x=y; rua=mailto:a@b.example; pct=200")], .found, .reject,
            "receivers take defaults: pct"
        ),
        (["txt _dmarc.shop.example": txt("hello", "v=DMARC1; p=none")], .found, DMARCRecord.Policy.none, "Without rua"),
        (["txt _dmarc.shop.example": txt("v=DMARC1 p=none", "v=DMARC1; p=none")], .found, DMARCRecord.Policy.none, "Without rua"),
        (["txt _dmarc.shop.example": .failed(.serverFailure)], .unknown, nil, "did not answer"),
    ]

    @Test(arguments: dmarc.indices) func `the DMARC record`(index: Int) async throws {
        let (zone, state, policy, words) = Self.dmarc[index]
        let record = try #require(try await check(zone).first { $0.purpose == .dmarc })
        #expect(record.state == state && record.dmarc?.policy == policy, "\(record)")
        #expect(record.advice?.contains(words) == true, "\(record)")
    }

    @Test(arguments: [("; sp=quarantine", DMARCRecord.Policy.quarantine), ("", .reject)])
    func `a subdomain has the record of the name above it`(tags: String, policy: DMARCRecord.Policy) async throws {
        let zone = ["txt _dmarc.shop.example": Self.txt("v=DMARC1; p=reject\(tags)")]
        let record = try #require(try await check(zone, of: "news.shop.example").first { $0.purpose == .dmarc })
        #expect(record.name == "_dmarc.shop.example" && record.state == .found && record.dmarc?.policy == policy, "\(record)")
    }

    @Test(arguments: [
        ("", "mail.shop.example"), ("; aspf=s", "mail.shop.example"), ("", nil),
    ])
    func `alignment of the envelope`(tags: String, mailFrom: String?) async throws {
        var zone = Self.good
        zone["txt _dmarc.shop.example"] = Self.txt("v=DMARC1; p=reject\(tags)")
        let record = try #require(try await check(zone, mailFrom: mailFrom).first { $0.purpose == .dmarc })
        #expect(record.dmarc?.isSPFAligned == (mailFrom != nil && tags.isEmpty))
        #expect(record.dmarc?.isDKIMAligned == true)
    }

    private static let others: [(key: String, answer: DNSAnswer, purpose: RecordCheck.Purpose, state: RecordCheck.State)] = [
        ("txt _amazonses.shop.example", txt("token-of-other.example"), .verification, .different),
        ("txt _amazonses.shop.example", txt("\"token-of-shop.example\""), .verification, .different),
        ("cname one._domainkey.shop.example", .records([.cname("one.dkim.amazonses.com.shop.example")]), .dkim, .different),
        ("mx mail.shop.example", .records([.mx(preference: 10, exchange: "mx.shop.example")]), .mailFrom, .different),
        (
            "mx mail.shop.example",
            .records([.mx(preference: 10, exchange: "feedback-smtp.us-east-1.amazonses.com"), .mx(preference: 20, exchange: "mx.example")]),
            .mailFrom, .different
        ),
        ("txt mail.shop.example", txt("v=spf1 -all"), .mailFromSPF, .different),
        ("mx shop.example", .records([.mx(preference: 0, exchange: "")]), .mx, .different),
        ("mx shop.example", .noData, .mx, .missing),
    ]

    @Test(arguments: others.indices) func `incorrect records`(index: Int) async throws {
        let (key, answer, purpose, state) = Self.others[index]
        var zone = Self.good
        zone[key] = answer
        let records = try await check(zone, mailFrom: "mail.shop.example")
        #expect(records.filter { $0.state != .found }.map(\.purpose) == [purpose])
        #expect(records.contains { $0.purpose == purpose && $0.state == state })
    }

    @Test func `the time to wait for the DNS is limited`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example") { $0.verification.requestedAt = $0.createdAt }
            let service = DNSCheckService(store: store, identities: FakeIdentities(), patience: .milliseconds(1)) { _, _ in
                // Until the check gives up.
                try? await Task.sleep(for: .seconds(3600))
                return .failed(.noAnswer)
            }
            let found = try await service.check("shop.example", by: .client(of: domain))
            #expect(found.records.count == 9 && found.records.allSatisfy { $0.state == .unknown })
        }
    }

    @Test func `SES is asked once a minute, and domains of other accounts are not found`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.verification.requestedAt = $0.createdAt }
            let other = try await store.makeDomain("other.example", account: "other")
            let identities = FakeIdentities()
            let service = DNSCheckService(store: store, identities: identities, patience: .seconds(5)) { _, _ in .noSuchName }
            for _ in 0..<3 { _ = try await service.check("shop.example", by: .master) }
            #expect(identities.calls == ["identity shop.example"])
            clock.advance(by: IdentityCache.lifetime)
            _ = try await service.check("shop.example", by: .client(of: domain))
            #expect(identities.calls.count == 2)
            #expect(try await refusal { try await service.check("shop.example", by: .client(of: other)) }?.kind == .notFound)
            #expect(try await refusal { try await service.check("-", by: .master) }?.kind == .notFound)
        }
    }
}
