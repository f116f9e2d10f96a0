import Feedback
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct GuillotineTests {
    private func bounce(_ service: FeedbackService, times: Int, from start: Int = 0) async throws {
        for number in start..<start + times {
            try await service.ingest(TestEvent.bounce(of: ["r\(number)@x.example"]).bytes, receipt: "bounce-\(number)")
        }
    }

    @Test
    func `3 percent exactly stays, one bounce more suspends`() async throws {
        let clock = TestClock()
        try await withFeedback(sent: 100, clock: clock) { service, store, _ in
            try await bounce(service, times: 3)
            #expect(try await store.domain("example.com").outbound.status == .active)
            try await bounce(service, times: 1, from: 3)
            let outbound = try await store.domain("example.com").outbound
            #expect(outbound.status == .suspended)
            #expect(outbound.suspendedReason == "guillotine: bounce rate 4.0 % is over 3 % (4 of 100)")
            #expect(outbound.suspendedAt == clock.now)
        }
    }

    @Test
    func `one event with several recipients counts as several bounces`() async throws {
        try await withFeedback(sent: 100) { service, store, _ in
            try await service.ingest(
                TestEvent.bounce(of: ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]).bytes, receipt: nil)
            let domain = try await store.domain("example.com")
            #expect(domain.counters.bounces == 4)
            #expect(domain.outbound.status == .suspended)
        }
    }

    @Test
    func `complaints and soft bounces do not suspend, unless soft bounces are configured to`() async throws {
        for countTransient in [false, true] {
            try await withFeedback(sent: 10, rules: FeedbackRules(countTransient: countTransient)) { service, store, _ in
                try await service.ingest(TestEvent.complaint().bytes, receipt: "r-1")
                try await service.ingest(TestEvent.bounce("Transient").bytes, receipt: "r-2")
                #expect(try await store.domain("example.com").outbound.status == (countTransient ? .suspended : .active))
            }
        }
    }

    @Test
    func `a domain that has sent too little is not judged`() async throws {
        var guillotine = Guillotine()
        guillotine.minimumSent = 100
        try await withFeedback(sent: 99, guillotine: guillotine) { service, store, _ in
            try await bounce(service, times: 50)
            #expect(try await store.domain("example.com").outbound.status == .active)
        }
    }

    @Test
    func `a reactivated domain is suspended again by a bad batch, not by a single bounce`() async throws {
        try await withFeedback(sent: 100) { service, store, domain in
            try await bounce(service, times: 4)
            try await store.write { tx in
                guard var domain = try tx.domains.find(domain.id) else { return }
                domain.reactivate()
                domain.counters.sentThisMonth += 10
                tx.domains.update(domain)
            }
            try await bounce(service, times: 1, from: 4)
            #expect(try await store.domain("example.com").outbound.status == .active)
            try await bounce(service, times: 1, from: 5)
            #expect(
                try await store.domain("example.com").outbound.suspendedReason == "guillotine: bounce rate 20.0 % is over 3 % (2 of 10)")
        }
    }

    @Test
    func `a domain suspended by the operator keeps that reason`() async throws {
        try await withFeedback(sent: 10) { service, store, domain in
            try await store.write { tx in
                guard var domain = try tx.domains.find(domain.id) else { return }
                domain.suspend(reason: SendingDomain.suspendedByOperator, at: tx.now)
                tx.domains.update(domain)
            }
            try await bounce(service, times: 5)
            #expect(try await store.domain("example.com").outbound.suspendedReason == SendingDomain.suspendedByOperator)
        }
    }
}
