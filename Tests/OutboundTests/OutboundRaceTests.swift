import AmazonSES
import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

/// Two nodes change one domain or sender at the same time.
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

    private static func change(in tx: Transaction, _ change: (inout Sender) -> Void) throws {
        guard var sender = try tx.senders.findForUpdate(ann) else { throw StorageError.malformed("senders") }
        change(&sender)
        try tx.senders.update(sender)
    }

    private func sender(_ nodes: NodePair) async throws -> Sender? {
        try await nodes.second.read { try $0.senders.find(Self.ann) }
    }

    @Test func aChangeOfTheLimitKeepsASimultaneousSuspension() async throws {
        try await withDomain { nodes, domain in
            let changed = try await nodes.whileHeld { tx in
                guard var domain = try tx.domains.find(named: domain.name) else { return }
                domain.suspend(reason: "test", at: tx.now)
                tx.domains.update(domain)
            } _: { node in
                var changes = OutboundChanges()
                changes.dailyLimit = 7
                return try await DomainService(store: node, gate: Gate(), defaults: .init()).update("acme.example", changes, by: .master)
            }
            #expect(changed.outbound.status == .suspended && changed.outbound.dailyLimit == 7)
        }
    }

    @Test func aDomainThatIsBeingMovedIsNotFoundForItsFormerOwner() async throws {
        try await withDomain { nodes, domain in
            let client = Principal.client(of: domain)
            let refused = try await nodes.whileHeld { tx in
                guard var domain = try tx.domains.find(named: domain.name) else { return }
                domain.accountID = try tx.accounts.findOrInsert(reference: "other").id
                tx.domains.update(domain)
            } _: { node in
                let service = DomainService(store: node, gate: Gate(), defaults: .init())
                return try await refusal { try await service.delete("acme.example", by: client) }
            }
            #expect(refused?.kind == .notFound)
        }
    }

    /// An answer from before SES verified the domain arrives late.
    @Test func aNewerStatusOfADomainIsKept() async throws {
        try await withNodePair(clock: clock) { nodes in
            let domain = try await nodes.first.makeDomain("acme.example", isVerified: false)
            ses.answer(identity: .pending, dkim: .pending)
            let status = try await nodes.whileHeld { tx in
                guard var domain = try tx.domains.find(named: domain.name) else { return }
                domain.verification.update(identity: .success, dkim: .success, at: tx.now)
                tx.domains.update(domain)
            } _: { [ses] node in
                try await VerificationService(store: node, identities: ses).status("acme.example", by: .master)
            }
            #expect(status.isVerified)
            #expect(try await nodes.second.read { try $0.domains.find(named: domain.name) }?.verification.isVerified == true)
        }
    }

    @Test func anAddressBelongsToOneAccount() async throws {
        try await withDomain { nodes, domain in
            let other = try await nodes.first.write { try $0.accounts.findOrInsert(reference: "other") }
            let service = service(nodes.second)
            let refused = try await nodes.whileHeld {
                _ = try $0.senders.insert(Self.ann, accountID: other.id)
            } _: { _ in
                try await refusal { try await service.request("ann@mail.example", by: .client(of: domain)) }
            }
            #expect(refused == .takenSender)
        }
    }

    /// Requested again, approved, or checked with an outdated answer while another node stores that the link was visited.
    @Test(arguments: ["request", "approve", "check"]) func aVerifiedSenderStaysVerified(_ call: String) async throws {
        try await withDomain { nodes, domain in
            try await nodes.first.write { tx in
                _ = try tx.senders.insert(Self.ann, accountID: domain.accountID)
                try Self.change(in: tx) {
                    $0.request(at: tx.now)
                    if call != "check" { $0.status = .failed }
                }
            }
            ses.answer(.pending, for: "ann@mail.example")
            clock.advance(by: .seconds(3600))
            let (before, service) = (try #require(try await sender(nodes)), service(nodes.second))
            try await nodes.whileHeld { tx in
                try Self.change(in: tx) { $0.update(.success, at: tx.now) }
            } _: { (_) async throws in
                switch call {
                case "request": #expect(try await service.request("ann@mail.example", by: .client(of: domain)).status == .verified)
                case "approve": #expect(try await service.approve("ann@mail.example", by: .master).status == .verified)
                default: #expect(try await service.check([before]).isEmpty)
                }
            }
            #expect(try await sender(nodes)?.status == .verified)
        }
    }

    /// The identity at SES is deleted too, also when it was requested while the sender was being deleted.
    @Test func aSenderIsDeletedTogetherWithItsIdentity() async throws {
        try await withDomain { nodes, domain in
            try await nodes.first.write { _ = try $0.senders.insert(Self.ann, accountID: domain.accountID) }
            let service = service(nodes.second)
            try await nodes.whileHeld { tx in
                try Self.change(in: tx) { $0.request(at: tx.now) }
            } _: { _ in
                try await service.delete("ann@mail.example", by: .client(of: domain))
            }
            #expect(ses.calls == ["delete ann@mail.example"])
            #expect(try await sender(nodes) == nil)
        }
    }
}
