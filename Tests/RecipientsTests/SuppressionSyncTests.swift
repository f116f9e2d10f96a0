import AmazonSES
import Logging
import MailModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Recipients

/// SES's list, which refuses the calls that a test chooses.
private final class FakeList: SESSuppressions {
    private struct State {
        var addresses: [String: SESSuppressionReason] = [:]
        var refusals: [SESError.Outcome] = []
        var calls = 0
    }

    private let state = Mutex(State())

    var addresses: [String: SESSuppressionReason] { state.withLock { $0.addresses } }
    var calls: Int { state.withLock { $0.calls } }

    func refuse(_ outcomes: SESError.Outcome...) {
        state.withLock { $0.refusals = outcomes }
    }

    func suppress(_ address: EmailAddress, as reason: SESSuppressionReason) async throws(SESError) {
        try change { $0[address.description] = reason }
    }

    func unsuppress(_ address: EmailAddress) async throws(SESError) {
        try change { $0[address.description] = nil }
    }

    private func change(_ body: (inout [String: SESSuppressionReason]) -> Void) throws(SESError) {
        let refusal: SESError.Outcome? = state.withLock { state in
            state.calls += 1
            guard state.refusals.isEmpty else { return state.refusals.removeFirst() }
            body(&state.addresses)
            return nil
        }
        if let refusal { throw SESError(code: "Test", message: "no", outcome: refusal) }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct SuppressionSyncTests {
    private let clock = TestClock()

    private func withSync(
        isOn: Bool = true, _ body: (SuppressionService, SuppressionSync, FakeList, Store, Account) async throws -> Void
    ) async throws {
        try await withStore(clock: clock) { store in
            let account = try await store.write { try $0.accounts.findOrInsert(reference: "acme") }
            let list = FakeList()
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            try await body(
                SuppressionService(store: store, syncsSES: isOn), SuppressionSync(store: store, ses: list, logger: logger), list, store,
                account)
        }
    }

    private func entry(_ address: String, _ reason: SuppressionReason = .hardBounce, sender: String? = nil) -> SuppressionEntry {
        SuppressionEntry(
            address: EmailAddress(validated: address), sender: sender.map(EmailAddress.init(validated:)), reason: reason)
    }

    @Test func bouncesAndComplaintsAreListedAtSES() async throws {
        try await withSync { service, sync, list, _, account in
            for entry in [
                entry("b@x.example"), entry("c@x.example", .complaint), entry("m@x.example", .manual), entry("u@x.example", .unsubscribe),
                entry("s@x.example", .hardBounce, sender: "news@shop.example"),
            ] { _ = try await service.add(entry, to: account) }
            #expect(await sync.applyDueChanges() == 2)
            #expect(list.addresses == ["b@x.example": .bounce, "c@x.example": .complaint])
            #expect(await sync.applyDueChanges() == 0)
        }
    }

    @Test func removedEntriesAreRemovedAtSES() async throws {
        try await withSync { service, sync, list, store, account in
            let kept = try await service.add(entry("b@x.example"), to: account).suppression
            _ = await sync.applyDueChanges()
            let other = try await store.write { try $0.accounts.findOrInsert(reference: "other") }
            let second = try await service.add(entry("b@x.example", .complaint), to: other).suppression
            _ = await sync.applyDueChanges()
            // The list is one for all accounts: the other's entry keeps the address on it.
            #expect(try await service.remove(kept.id, by: .master))
            _ = await sync.applyDueChanges()
            #expect(list.addresses == ["b@x.example": .complaint])
            #expect(try await service.remove(second.id, by: .master))
            _ = await sync.applyDueChanges()
            #expect(list.addresses.isEmpty)
        }
    }

    @Test func removedEntriesOfFeedbackAreRemovedAtSES() async throws {
        try await withSync { service, sync, list, store, account in
            try await list.suppress(EmailAddress(validated: "b@x.example"), as: .bounce)
            let id = try await store.write { tx in
                try tx.suppressions.insert(
                    EmailAddress(validated: "b@x.example"), accountID: account.id, reason: .hardBounce, note: nil)
                return try tx.suppressions.find(EmailAddress(validated: "b@x.example"), sender: nil, accountID: account.id)?.id
            }
            #expect(await sync.applyDueChanges() == 0)
            #expect(try await service.remove(try #require(id), by: .master))
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses.isEmpty)
        }
    }

    @Test func refusedChangesAreTriedAgain() async throws {
        try await withSync { service, sync, list, _, account in
            _ = try await service.add(entry("b@x.example"), to: account)
            list.refuse(.retry, .unknown, .paused)
            for wait in [5, 10, 20] {
                #expect(await sync.applyDueChanges() == 1)
                clock.advance(by: .milliseconds(wait * 1000 - 1))
                #expect(await sync.applyDueChanges() == 0)
                clock.advance(by: .milliseconds(1))
            }
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses == ["b@x.example": .bounce] && list.calls == 4)
        }
    }

    @Test func changesThatSESRefusesForGoodAreDropped() async throws {
        try await withSync { service, sync, list, _, account in
            _ = try await service.add(entry("b@x.example"), to: account)
            list.refuse(.permanent)
            #expect(await sync.applyDueChanges() == 1)
            clock.advance(by: .seconds(86_400))
            #expect(await sync.applyDueChanges() == 0)
        }
    }

    /// A node dies between the call and its record; another runs while the address changes.
    @Test func theLastChangeHolds() async throws {
        try await withSync { service, sync, list, store, account in
            let kept = try await service.add(entry("b@x.example"), to: account).suppression
            let claimed = try await store.write { try $0.suppressionChanges.claim(lease: .seconds(120), limit: 10) }
            #expect(claimed.map(\.reason) == [.hardBounce])
            #expect(try await service.remove(kept.id, by: .master))
            // The first node still has the claim: no other calls SES for the address.
            #expect(await sync.applyDueChanges() == 0)
            try await list.suppress(kept.entry.address, as: .bounce)
            try await store.write { tx in for change in claimed { try tx.suppressionChanges.finish(change) } }
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses.isEmpty)
            _ = try await service.add(entry("d@x.example"), to: account)
            _ = try await store.write { try $0.suppressionChanges.claim(lease: .seconds(120), limit: 10) }
            clock.advance(by: .seconds(121))
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses == ["d@x.example": .bounce])
        }
    }

    @Test func nothingFollowsUnlessConfigured() async throws {
        try await withSync(isOn: false) { service, sync, list, _, account in
            let kept = try await service.add(entry("b@x.example"), to: account).suppression
            _ = try await service.remove(kept.id, by: .master)
            #expect(await sync.applyDueChanges() == 0 && list.calls == 0)
        }
    }

    @Test func importedEntriesAreListedAtSES() async throws {
        try await withSync { service, sync, list, _, account in
            var importing = SuppressionImport(into: account, of: service)
            for number in 0..<30 { try await importing.add(entry("b\(number)@x.example")) }
            try await importing.finish()
            #expect(await sync.applyDueChanges() == 20)
            #expect(await sync.applyDueChanges() == 10)
            #expect(list.addresses.count == 30)
        }
    }
}
