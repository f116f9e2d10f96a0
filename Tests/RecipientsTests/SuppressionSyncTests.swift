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

    /// Suppresses an address as SES's feedback does, and removes it: SES's list then has to follow.
    private func remove(_ address: String, _ store: Store, _ service: SuppressionService, _ list: FakeList, _ account: Account) async throws
    {
        let entry = try await report(address, .hardBounce, store, account)
        try await list.suppress(entry.entry.address, as: .bounce)
        #expect(try await service.remove(entry.id, by: .master))
    }

    /// Suppresses an address as SES's feedback does.
    private func report(
        _ address: String, _ reason: SuppressionReason, _ store: Store, _ account: Account
    ) async throws -> Suppression {
        let address = EmailAddress(validated: address)
        let found = try await store.write { tx in
            try tx.suppressions.insert(address, accountID: account.id, reason: reason, note: nil)
            return try tx.suppressions.find(address, sender: nil, accountID: account.id)
        }
        return try #require(found)
    }

    /// SES's list holds for the whole AWS account: what a customer claims must not stop the mail of others, nor take an address off the list.
    @Test func whatCustomersAddOrRemoveIsNotFollowed() async throws {
        try await withSync { service, sync, list, store, account in
            try await list.suppress(EmailAddress(validated: "b@x.example"), as: .bounce)
            var importing = SuppressionImport(into: account, of: service, by: .master)
            for entry in [entry("b@x.example"), entry("c@x.example", .complaint)] { try await importing.add(entry) }
            try await importing.finish()
            let added = try await service.add(entry("d@x.example", .complaint), to: account, by: .master).suppression
            #expect(try await service.remove(added.id, by: .master))
            let imported = try await store.read {
                try $0.suppressions.find(EmailAddress(validated: "b@x.example"), sender: nil, accountID: account.id)
            }
            #expect(try await service.remove(try #require(imported?.id), by: .master))
            #expect(await sync.applyDueChanges() == 0)
            #expect(list.addresses == ["b@x.example": .bounce])
        }
    }

    @Test func addressesThatFeedbackOfAnotherAccountSuppressesStayListed() async throws {
        try await withSync { service, sync, list, store, account in
            let other = try await store.write { try $0.accounts.findOrInsert(reference: "other") }
            let second = try await report("b@x.example", .complaint, store, other)
            // A customer's entry for the same address keeps nothing on the list.
            let third = try await store.write { try $0.accounts.findOrInsert(reference: "third") }
            _ = try await service.add(entry("b@x.example", .complaint), to: third, by: .master)
            try await remove("b@x.example", store, service, list, account)
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses == ["b@x.example": .complaint])
            #expect(try await service.remove(second.id, by: .master))
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses.isEmpty)
        }
    }

    @Test func refusedChangesAreTriedAgain() async throws {
        try await withSync { service, sync, list, store, account in
            try await remove("b@x.example", store, service, list, account)
            list.refuse(.retry, .unknown, .paused)
            for wait in [5, 10, 20] {
                #expect(await sync.applyDueChanges() == 1)
                clock.advance(by: .milliseconds(wait * 1000 - 1))
                #expect(await sync.applyDueChanges() == 0)
                clock.advance(by: .milliseconds(1))
            }
            #expect(await sync.applyDueChanges() == 1)
            // The first call is that of the test.
            #expect(list.addresses.isEmpty && list.calls == 5)
        }
    }

    @Test func changesThatSESRefusesForGoodAreDropped() async throws {
        try await withSync { service, sync, list, store, account in
            try await remove("b@x.example", store, service, list, account)
            list.refuse(.permanent)
            #expect(await sync.applyDueChanges() == 1)
            clock.advance(by: .seconds(86_400))
            #expect(await sync.applyDueChanges() == 0)
        }
    }

    /// A node dies between the call and its record; another runs while the address changes.
    @Test func theLastChangeHolds() async throws {
        try await withSync { service, sync, list, store, account in
            try await remove("b@x.example", store, service, list, account)
            let claimed = try await store.write { try $0.suppressionChanges.claim(lease: .seconds(120), limit: 10) }
            #expect(claimed.map(\.reason) == [nil])
            // SES reports another bounce, and the entry is removed again.
            try await remove("b@x.example", store, service, list, account)
            // The first node still has the claim: no other calls SES for the address.
            #expect(await sync.applyDueChanges() == 0)
            try await store.write { tx in for change in claimed { try tx.suppressionChanges.finish(change) } }
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses.isEmpty)
            try await remove("d@x.example", store, service, list, account)
            _ = try await store.write { try $0.suppressionChanges.claim(lease: .seconds(120), limit: 10) }
            clock.advance(by: .seconds(121))
            #expect(await sync.applyDueChanges() == 1)
            #expect(list.addresses.isEmpty)
        }
    }

    @Test func nothingFollowsUnlessConfigured() async throws {
        try await withSync(isOn: false) { service, sync, list, store, account in
            try await remove("b@x.example", store, service, list, account)
            #expect(await sync.applyDueChanges() == 0 && list.calls == 1)
        }
    }
}
