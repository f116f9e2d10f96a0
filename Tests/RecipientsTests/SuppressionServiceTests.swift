import MailModel
import Recipients
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SuppressionServiceTests {
    private func withService(_ body: (SuppressionService, Store, Account) async throws -> Void) async throws {
        try await withStore { store in
            let account = try await store.write { try $0.accounts.findOrInsert(reference: "acme") }
            try await body(SuppressionService(store: store), store, account)
        }
    }

    private func entry(_ address: String, sender: String? = nil, _ reason: SuppressionReason = .manual) -> SuppressionEntry {
        SuppressionEntry(
            address: EmailAddress(validated: address), sender: sender.map(EmailAddress.init(validated:)), reason: reason)
    }

    /// Entries of both scopes and all reasons, in an order that mixes them.
    private func fill(_ service: SuppressionService, _ account: Account, count: Int) async throws {
        for number in 0..<count {
            let sender = number % 3 == 0 ? "news\(number % 2)@shop.example" : nil
            _ = try await service.add(
                entry("r\(number)@x.example", sender: sender, SuppressionReason.allCases[number % 4]), to: account, by: .master)
        }
    }

    @Test func theFirstEntryStays() async throws {
        try await withService { service, _, account in
            let first = try await service.add(entry("A@x.example", .complaint), to: account, by: .master)
            let second = try await service.add(entry("a@X.example"), to: account, by: .master)
            #expect(first.isNew && !second.isNew)
            #expect(second.suppression == first.suppression && first.suppression.entry.address.description == "a@x.example")
            // For one sender it is another entry.
            #expect(try await service.add(entry("a@x.example", sender: "news@shop.example"), to: account, by: .master).isNew)
        }
    }

    @Test(arguments: [nil, SuppressionEntry.Scope.account, .sender], [nil, SuppressionReason.manual, .hardBounce])
    func everyFilterPagesThroughItsMatches(scope: SuppressionEntry.Scope?, reason: SuppressionReason?) async throws {
        try await withService { service, _, account in
            try await fill(service, account, count: 40)
            let all = try await service.list(matching: SuppressionFilter(), of: account, after: nil, limit: 100)
            #expect(all.count == 40 && all.map(\.id) == all.map(\.id).sorted(by: >))
            var filter = SuppressionFilter()
            (filter.scope, filter.reason) = (scope, reason)
            for sender in [nil, EmailAddress(validated: "News0@shop.example")] {
                filter.sender = sender
                let expected = all.filter { suppression in
                    (scope == nil || suppression.entry.scope == scope) && (reason == nil || suppression.entry.reason == reason)
                        && (sender == nil || suppression.entry.sender?.description == "news0@shop.example")
                }
                var found: [Suppression] = []
                while case let page = try await service.list(matching: filter, of: account, after: found.last?.id, limit: 3), !page.isEmpty
                {
                    found += page
                }
                #expect(found == expected)
                var exported: Set<Int64> = []
                try await service.export(matching: filter, of: account) { page in
                    for suppression in page { #expect(exported.insert(suppression.id).inserted) }
                }
                #expect(exported == Set(expected.map(\.id)))
            }
        }
    }

    @Test func anAddressIsFoundWithAllItsSenders() async throws {
        try await withService { service, _, account in
            for sender in [nil, "a@shop.example", "b@shop.example"] {
                _ = try await service.add(entry("x@x.example", sender: sender), to: account, by: .master)
            }
            var filter = SuppressionFilter()
            filter.address = EmailAddress(validated: "X@x.example")
            #expect(try await service.list(matching: filter, of: account, after: nil, limit: 10).count == 3)
            filter.sender = EmailAddress(validated: "A@shop.example")
            #expect(try await service.list(matching: filter, of: account, after: nil, limit: 10).count == 1)
        }
    }

    @Test func accountsAreSeparate() async throws {
        try await withService { service, store, account in
            let other = try await store.write { try $0.accounts.findOrInsert(reference: "other") }
            let kept = try await service.add(entry("x@x.example"), to: account, by: .master).suppression
            _ = try await service.add(entry("x@x.example"), to: other, by: .master)
            let client = Principal.client(
                APIKey(id: 1, account: other, name: "k", scopes: [.manage], expiresAt: nil, createdAt: store.now))
            #expect(try await !service.remove(kept.id, by: client))
            #expect(try await service.list(matching: SuppressionFilter(), of: account, after: nil, limit: 10) == [kept])
            #expect(try await service.list(matching: SuppressionFilter(), of: nil, after: nil, limit: 10).count == 2)
            #expect(try await service.remove(kept.id, by: .master))
            #expect(try await !service.remove(kept.id, by: .master))
        }
    }

    @Test func anImportCountsNewEntriesDuplicatesAndRejections() async throws {
        try await withService { service, _, account in
            _ = try await service.add(entry("r7@x.example"), to: account, by: .master)
            var importing = SuppressionImport(into: account, of: service, by: .master)
            for number in 0..<1203 { try await importing.add(entry("r\(number % 1200)@x.example", .hardBounce)) }
            for line in 1...1500 { importing.reject(line: line, "no") }
            try await importing.finish()
            #expect(importing.report.imported == 1199 && importing.report.duplicates == 4)
            #expect(importing.report.rejectedCount == 1500 && importing.report.rejected.count == SuppressionImport.mostRejections)
            let newest = try await service.list(matching: SuppressionFilter(), of: account, after: nil, limit: 1)
            #expect(newest.first?.source == .import)
        }
    }
}
