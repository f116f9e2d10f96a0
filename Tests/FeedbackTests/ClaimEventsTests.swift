import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// Events of mail that an unproven claim may not own go to no account (specification 3.11).
@Suite(.timeLimit(.minutes(1)))
struct ClaimEventsTests {
    private func claim(_ name: String, in store: Store, state: DomainOwnership.State = .pending) async throws -> SendingDomain {
        try await store.write { tx in
            let account = try tx.accounts.findOrInsert(reference: "claimant")
            let made = try tx.domains.insert(
                DomainName(validated: name), accountID: account.id, outbound: OutboundConfiguration(), ownership: DomainOwnership(state))
            return try #require(made)
        }
    }

    private func bounce(from source: String) -> [UInt8] {
        var event = TestEvent.bounce()
        event.source = source
        return event.bytes
    }

    @Test(arguments: [DomainOwnership.State.pending, .review])
    func `A bounce of another's mail counts for no claim, and suppresses nothing for it`(state: DomainOwnership.State) async throws {
        try await withFeedback { service, store, _ in
            let claim = try await claim("bare.example", in: store, state: state)
            try await service.ingest(bounce(from: "sender@bare.example"), receipt: "1")
            #expect(try await store.domain("bare.example").counters.bounces == 0)
            #expect(try await !store.isSuppressed("r@example.com", for: claim))
            // It is kept for the operator.
            #expect(try await store.drainWaiting("m-1") == 1)
        }
    }

    @Test func `A claim below a proven domain takes none of its events`() async throws {
        try await withFeedback { service, store, owner in
            let claim = try await claim("mail.example.com", in: store)
            _ = try await self.claim("example.com", in: store)
            try await service.ingest(bounce(from: "sender@mail.example.com"), receipt: "1")
            #expect(try await store.domain("example.com").id == owner.id)
            #expect(try await store.domain("example.com").counters.bounces == 1)
            #expect(try await store.isSuppressed("r@example.com", for: owner))
            #expect(try await !store.isSuppressed("r@example.com", for: claim))
        }
    }

    @Test(arguments: [(Sender.Status.verified, true), (.requested, false), (.pending, false), (.failed, false)])
    func `Events of a single address go to its account once it is verified`(status: Sender.Status, isSuppressed: Bool) async throws {
        try await withFeedback { service, store, owner in
            try await store.write { tx in
                var sender = try #require(try tx.senders.insert(EmailAddress("a@single.example"), accountID: owner.accountID))
                sender.status = status
                try tx.senders.update(sender)
            }
            try await service.ingest(bounce(from: "a@single.example"), receipt: "1")
            #expect(try await store.isSuppressed("r@example.com", for: owner) == isSuppressed)
        }
    }
}
