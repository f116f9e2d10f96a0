import MailModel
import Outbound
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct IncrementTests {
    @Test
    func `exactly the limit is allowed to simultaneous calls`() async throws {
        try await withStore { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("example.com") { $0.outbound.dailyLimit = 100 }
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<300 {
                    group.addTask { try await service.increment("example.com", by: 1, principal: .master).decision.allowed }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 100)
            let last = try await service.increment("example.com", by: 1, principal: .master)
            #expect(last.decision == Gate.Decision(allowed: false, reason: .dailyLimit))
            #expect(last.domain.counters.sentToday == 100)
        }
    }

    @Test
    func `several recipients are counted together or not at all`() async throws {
        try await withStore { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("example.com") { $0.outbound.monthlyLimit = 10 }
            #expect(try await service.increment("example.com", by: 7, principal: .master).domain.counters.sentThisMonth == 7)
            #expect(try await service.increment("example.com", by: 4, principal: .master).decision.reason == .monthlyLimit)
            #expect(try await service.increment("example.com", by: 3, principal: .master).domain.counters.sentThisMonth == 10)
        }
    }

    @Test(arguments: [0, -1, 100_001, Int64.max])
    func `a count out of range is refused`(count: Int64) async throws {
        try await withStore { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("example.com")
            #expect(
                try await refusal { try await service.increment("example.com", by: count, principal: .master) }?.field
                    == "count")
        }
    }

    @Test
    func `an unverified domain is refused, unless the gate does not require verification`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("example.com", isVerified: false) { $0.outbound.enforcement = .soft }
            let strict = DomainService(store: store, gate: Gate(), defaults: .init())
            #expect(try await strict.increment("example.com", by: 1, principal: .master).decision.reason == .domainNotVerified)
            var gate = Gate()
            gate.requireVerified = false
            let lenient = DomainService(store: store, gate: gate, defaults: .init())
            #expect(try await lenient.increment("example.com", by: 1, principal: .master).decision.allowed)
        }
    }
}
