import AmazonSES
import MailModel
import Outbound
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct VerificationServiceTests {
    private let ses = FakeIdentities()

    @Test
    func `the records are those of the specification`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("example.com", isVerified: false)
            let records = try await VerificationService(store: store, identities: ses).start("example.com", by: .client(of: domain))
            #expect(records.token == "token-of-example.com")
            #expect(records.dkimTokens == ["one", "two", "three"])
            #expect(
                records.dnsRecords.map { [$0.type, $0.name, $0.value] } == [
                    ["TXT", "_amazonses.example.com", "token-of-example.com"],
                    ["CNAME", "one._domainkey.example.com", "one.dkim.amazonses.com"],
                    ["CNAME", "two._domainkey.example.com", "two.dkim.amazonses.com"],
                    ["CNAME", "three._domainkey.example.com", "three.dkim.amazonses.com"],
                ])
            #expect(try await store.read { try $0.domains.find(named: domain.name)?.verification.requestedAt } == store.now)
        }
    }

    @Test
    func `a repeated request keeps the verification`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("example.com")
            _ = try await VerificationService(store: store, identities: ses).start("example.com", by: .master)
            #expect(try await store.read { try $0.domains.find(named: domain.name)?.verification.isVerified } == true)
        }
    }

    @Test
    func `a refusal of SES is thrown and changes nothing`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("example.com", isVerified: false)
            let service = VerificationService(store: store, identities: ses)
            ses.fail(.throttled, dkimOnly: true)
            await #expect(throws: SESError.throttled) { try await service.start("example.com", by: .master) }
            await #expect(throws: SESError.throttled) { try await service.status("example.com", by: .master) }
            let after = try #require(try await store.read { try $0.domains.find(named: domain.name) })
            #expect((after.verification, after.ownership.state) == (domain.verification, domain.ownership.state))
            ses.fail(nil)
            #expect(try await service.status("example.com", by: .master).isVerified)
        }
    }

    @Test
    func `both statuses have to be Success, and SES may revoke them`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("example.com", isVerified: false)
            let service = VerificationService(store: store, identities: ses)
            let table: [(identity: SESVerification.Status, dkim: SESVerification.Status, isVerified: Bool)] = [
                (.success, .pending, false), (.pending, .success, false), (.success, .success, true), (.success, .temporaryFailure, false),
            ]
            for row in table {
                ses.answer(identity: row.identity, dkim: row.dkim)
                let status = try await service.status("example.com", by: .master)
                #expect(status.isVerified == row.isVerified)
                #expect((status.identity, status.dkim) == (row.identity, row.dkim))
                #expect(try await store.read { try $0.domains.find(named: domain.name)?.verification } == status)
                clock.advance(by: .seconds(5))
            }
        }
    }

    @Test
    func `an answer is cached for five seconds, or until verification is requested again`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            _ = try await store.makeDomain("example.com", isVerified: false)
            let service = VerificationService(store: store, identities: ses)
            ses.answer(identity: .pending, dkim: .pending)
            _ = try await service.status("example.com", by: .master)
            ses.answer(identity: .success, dkim: .success)
            clock.advance(by: .milliseconds(4999))
            #expect(try await !service.status("example.com", by: .master).isVerified)
            _ = try await service.start("example.com", by: .master)
            #expect(try await service.status("example.com", by: .master).isVerified)
            #expect(ses.calls.count { $0.hasPrefix("dkim-status") } == 2)
        }
    }

    @Test
    func `simultaneous requests for one domain share one call`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("example.com", isVerified: false)
            let service = VerificationService(store: store, identities: ses)
            ses.hold()
            try await withThrowingTaskGroup(of: VerificationRecords.self) { group in
                for _ in 0..<20 { group.addTask { try await service.start("example.com", by: .master) } }
                while service.starts < 20 { await Task.yield() }
                ses.release()
                for try await records in group { #expect(records.token == "token-of-example.com") }
            }
            #expect(ses.calls.count { $0 == "verify example.com" } == 1)
        }
    }

    @Test
    func `SES is not asked about a domain of another account`() async throws {
        try await withStore { store in
            let own = try await store.makeDomain("own.example", account: "acme")
            _ = try await store.makeDomain("foreign.example", account: "other")
            let service = VerificationService(store: store, identities: ses)
            for name in ["foreign.example", "absent.example"] {
                #expect(try await refusal { try await service.start(name, by: .client(of: own)) }?.kind == .notFound)
                #expect(try await refusal { try await service.status(name, by: .client(of: own)) }?.kind == .notFound)
            }
            #expect(ses.calls.isEmpty)
        }
    }
}
