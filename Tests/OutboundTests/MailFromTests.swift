import AmazonSES
import DNS
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

/// The MAIL FROM domain, and the zone file of all records (specification 3.7).
@Suite(.timeLimit(.minutes(1)))
struct MailFromTests {
    private let ses = FakeIdentities()
    private static let mailRecords = [
        ["MX", "mail.shop.example", "10 feedback-smtp.eu-west-1.amazonses.com"],
        ["TXT", "mail.shop.example", "v=spf1 include:amazonses.com ~all"],
    ]

    private func checks(_ store: Store) -> DNSCheckService {
        DNSCheckService(store: store, identities: ses, patience: .seconds(5)) { _, _ in .noSuchName }
    }

    private func mailFrom(_ store: Store) async throws -> String? {
        try await store.read { try $0.domains.find(named: DomainName(validated: "shop.example"))?.verification.mailFrom?.description }
    }

    @Test(arguments: ["mail", "MAIL", "mail.shop.example", "Mail.Shop.example"])
    func `It is set at SES, and its two records are added`(text: String) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", isVerified: false)
            let service = VerificationService(store: store, identities: ses)
            let records = try await service.start("shop.example", mailFrom: .set(text), by: .client(of: domain))
            #expect(records.dnsRecords.suffix(2).map { [$0.type, $0.name, $0.value] } == Self.mailRecords)
            #expect(records.dnsRecords.count == 6 && ses.calls.last == "mail-from shop.example mail.shop.example")
            #expect(try await mailFrom(store) == "mail.shop.example")
        }
    }

    @Test func `Without the field the answer is the four records, and what is set stays`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let service = VerificationService(store: store, identities: ses)
            _ = try await service.start("shop.example", mailFrom: .set("mail"), by: .master)
            #expect(try await service.start("shop.example", by: .master).dnsRecords.count == 4)
            #expect(try await mailFrom(store) == "mail.shop.example")
            #expect(try await service.start("shop.example", mailFrom: .off, by: .master).dnsRecords.count == 4)
            #expect(try await mailFrom(store) == nil && ses.calls.last == "mail-from shop.example -")
        }
    }

    @Test(arguments: [
        "", ".", "shop.example", "mail.", "a..b", "_mail", "mail.other.example", "a.b", "-a", "a b", "x.shop.example.shop.example\u{0}",
    ])
    func `A name that is none below the domain is refused before SES is asked for records`(text: String) async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            let service = VerificationService(store: store, identities: ses)
            let refused = try await refusal { try await service.start("shop.example", mailFrom: .set(text), by: .master) }
            #expect(refused?.field == "mail_from" && refused?.kind == .invalid, "\(text)")
            #expect(ses.calls.allSatisfy { $0.hasPrefix("status") }, "\(ses.calls)")
        }
    }

    /// SES has one identity for all accounts: a claim must not change the owner's.
    @Test func `Who has to prove the domain first cannot change it`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example", account: "owner")
            let claimant = try await store.write { tx in
                let account = try tx.accounts.findOrInsert(reference: "claimant")
                var ownership = DomainOwnership(.pending)
                ownership.needsRecord = true
                return try #require(
                    try tx.domains.insert(
                        DomainName(validated: "shop.example"), accountID: account.id, outbound: OutboundConfiguration(),
                        ownership: ownership))
            }
            let service = VerificationService(store: store, identities: ses)
            let refused = try await refusal { try await service.start("shop.example", mailFrom: .set("mail"), by: .client(of: claimant)) }
            #expect(refused?.kind == .conflict && refused?.field == "mail_from")
            #expect(!ses.calls.contains { $0.hasPrefix("mail-from") })
        }
    }

    @Test func `What SES refuses changes nothing`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            ses.fail(.throttled)
            let service = VerificationService(store: store, identities: ses)
            await #expect(throws: SESError.self) { try await service.start("shop.example", mailFrom: .set("mail"), by: .master) }
            #expect(try await mailFrom(store) == nil)
        }
    }

    @Test func `The zone file has all records`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example", isVerified: false)
            let checks = checks(store)
            let early = try await refusal { try await checks.records("shop.example", by: .client(of: domain)) }
            #expect(early?.kind == .conflict)
            let service = VerificationService(store: store, identities: ses)
            _ = try await service.start("shop.example", mailFrom: .set("mail"), by: .master)
            let zone = try await checks.records("shop.example", by: .client(of: domain)).zoneFile
            #expect(
                zone == """
                    ; The records of shop.example for Amazon SES
                    _amazonses.shop.example. 300 IN TXT "token-of-shop.example"
                    one._domainkey.shop.example. 300 IN CNAME one.dkim.amazonses.com.
                    two._domainkey.shop.example. 300 IN CNAME two.dkim.amazonses.com.
                    three._domainkey.shop.example. 300 IN CNAME three.dkim.amazonses.com.
                    mail.shop.example. 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com.
                    mail.shop.example. 300 IN TXT "v=spf1 include:amazonses.com ~all"

                    """)
        }
    }

    @Test func `A text is escaped, and split at 255 bytes`() {
        let long = String(repeating: "a", count: 254) + "\"\\" + String(repeating: "b", count: 300) + "é"
        let zone = VerificationRecords(domain: DomainName(validated: "shop.example"), token: long, dkimTokens: []).zoneFile
        let first = String(repeating: "a", count: 254) + "\\\""
        let second = "\\\\" + String(repeating: "b", count: 254)
        let third = String(repeating: "b", count: 46) + "\\195\\169"
        #expect(zone.contains("IN TXT \"\(first)\" \"\(second)\" \"\(third)\"\n"), "\(zone)")
    }
}
