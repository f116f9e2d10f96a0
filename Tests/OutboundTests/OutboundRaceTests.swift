import AmazonSES
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

/// Two nodes change one domain or sender at the same moment.
@Suite(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct OutboundRaceTests {
    private let ses = FakeIdentities()
    private let clock = TestClock()
    private static let ann = EmailAddress(validated: "ann@mail.example")

    private func service(_ store: Store) -> SenderService {
        SenderService(store: store, identities: ses, approval: .automatic, logger: silent)
    }

    private func withDomain(_ body: (NodePair, SendingDomain) async throws -> Void) async throws {
        try await withNodePair(clock: clock) { nodes in
            try await body(nodes, try await nodes.first.makeDomain("acme.example"))
        }
    }

    private static func change(_ context: WriteContext, _ change: (inout Sender) -> Void) throws {
        guard var sender = try context.lockedSender(ann) else { throw StorageError.malformed("senders") }
        change(&sender)
        try context.save(sender)
    }

    private func sender(_ nodes: NodePair) async throws -> Sender? {
        try await nodes.second.read { try $0.sender(Self.ann) }
    }

    @Test func aDomainThatIsBeingSuspendedStaysSoWhenItsLimitChanges() async throws {
        try await withDomain { nodes, domain in
            let changed = try await nodes.whileHeld { context in
                guard var domain = try context.domain(named: domain.name) else { return }
                domain.suspend(reason: "test", at: context.now)
                context.save(domain)
            } _: { node in
                var changes = OutboundChanges()
                changes.dailyLimit = 7
                return try await DomainService(store: node, gate: Gate(), defaults: .init()).update("acme.example", changes, by: .master)
            }
            #expect(changed.outbound.status == .suspended && changed.outbound.dailyLimit == 7)
        }
    }

    @Test func aDomainThatIsBeingGivenAwayIsNotItsFormerOwnersAnyMore() async throws {
        try await withDomain { nodes, domain in
            let client = Principal.client(of: domain)
            let refused = try await nodes.whileHeld { context in
                guard var domain = try context.domain(named: domain.name) else { return }
                domain.accountID = try context.findOrCreateAccount(reference: "other").id
                context.save(domain)
            } _: { node in
                let service = DomainService(store: node, gate: Gate(), defaults: .init())
                return try await refusal { try await service.delete("acme.example", by: client) }
            }
            #expect(refused?.code == .notFound)
        }
    }

    /// SES was asked before it believed, and answers late.
    @Test func whatSESSaidOfADomainLaterStays() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("acme.example", isVerified: false)
            ses.answer(identity: .pending, dkim: .pending)
            let status = try await nodes.whileHeld { context in
                guard var domain = try context.domain(named: domain.name) else { return }
                domain.verification.update(identity: .success, dkim: .success, at: context.now)
                context.save(domain)
            } _: { [ses] node in
                try await VerificationService(store: node, identities: ses).status("acme.example", by: .master)
            }
            #expect(status.isVerified)
            #expect(try await nodes.second.read { try $0.domain(named: domain.name) }?.verification.isVerified == true)
        }
    }

    @Test func anAddressIsGivenToOne() async throws {
        try await withDomain { nodes, domain in
            let other = try await nodes.first.write { try $0.findOrCreateAccount(reference: "other") }
            let service = service(nodes.second)
            let refused = try await nodes.whileHeld {
                _ = try $0.createSender(Self.ann, accountID: other.id)
            } _: { _ in
                try await refusal { try await service.request("ann@mail.example", by: .client(of: domain)) }
            }
            #expect(refused == .takenSender)
        }
    }

    /// Asked for again, approved, or checked with an older answer while another node stores that its link was visited.
    @Test(arguments: ["request", "approve", "check"]) func aVerifiedSenderStaysVerified(_ call: String) async throws {
        try await withDomain { nodes, domain in
            try await nodes.first.write { context in
                _ = try context.createSender(Self.ann, accountID: domain.accountID)
                try Self.change(context) {
                    $0.request(at: context.now)
                    if call != "check" { $0.status = .failed }
                }
            }
            ses.answer(.pending, for: "ann@mail.example")
            clock.advance(by: .seconds(3600))
            let (before, service) = (try #require(try await sender(nodes)), service(nodes.second))
            try await nodes.whileHeld { context in
                try Self.change(context) { $0.update(.success, at: context.now) }
            } _: { (_) async throws in
                switch call {
                case "request": #expect(try await service.request("ann@mail.example", by: .client(of: domain)).status == .verified)
                case "approve": #expect(try await service.approve("ann@mail.example").status == .verified)
                default: #expect(try await service.check([before]).isEmpty)
                }
            }
            #expect(try await sender(nodes)?.status == .verified)
        }
    }

    /// What SES has in the account's name goes with it, also when that began while the sender was being deleted.
    @Test func aSenderIsDeletedTogetherWithItsIdentity() async throws {
        try await withDomain { nodes, domain in
            try await nodes.first.write { _ = try $0.createSender(Self.ann, accountID: domain.accountID) }
            let service = service(nodes.second)
            try await nodes.whileHeld { context in
                try Self.change(context) { $0.request(at: context.now) }
            } _: { _ in
                try await service.delete("ann@mail.example", by: .client(of: domain))
            }
            #expect(ses.calls == ["delete ann@mail.example"])
            #expect(try await sender(nodes) == nil)
        }
    }
}
