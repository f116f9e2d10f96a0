import CoreMetrics
import Logging
import MailModel
import MetricsTestKit
import PolicyServer
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PolicyServiceTests {
    @Test func concurrentRequestsAreAllowedUpToTheDailyLimit() async throws {
        try await withPolicy(configure: { $0.outbound.dailyLimit = 100 }) { policy async throws in
            let answers = await withTaskGroup(of: PolicyAction.self) { group in
                for number in 0..<250 {
                    group.addTask { await policy.service.action(for: .sample { $0.instance = "\(number)" }) }
                }
                return await group.reduce(into: [PolicyAction]()) { $0.append($1) }
            }
            #expect(answers.count { $0 == .dunno } == 100)
            #expect(answers.count { $0.verb == .deferIfPermit } == 150)
            #expect(try await policy.sent == 100)
        }
    }

    @Test func aMessageIsChargedForAllRecipientsOrNone() async throws {
        try await withPolicy(configure: { $0.outbound.dailyLimit = 8 }) { policy async throws in
            #expect(await policy.action("1", recipients: 5) == .dunno)
            let refused = await policy.action("2", recipients: 5)
            #expect(refused.description.contains("has sent 5 of its daily limit of 8 emails, 5 more would exceed it"))
            #expect(await policy.action("3", recipients: 3) == .dunno)
            #expect(try await policy.sent == 8)
        }
    }

    @Test func aRepeatedRequestIsAnsweredTheSameAndCountedOnce() async throws {
        try await withPolicy(configure: { ($0.outbound.dailyLimit, $0.outbound.enforcement) = (1, .soft) }) { policy async throws in
            #expect(await policy.action("1") == .dunno)
            let soft = await policy.action("2")
            #expect(soft.description == "PREPEND X-Martlet-Quota: daily_limit_exceeded_soft")
            #expect(await policy.action("1") == .dunno)
            #expect(await policy.action("2", state: "END-OF-MESSAGE") == soft)
            #expect(try await policy.sent == 2)
        }
    }

    /// Also after midnight, when the count has begun anew; under a new instance the message is decided anew.
    @Test func aRepeatedRequestIsRefusedAgain() async throws {
        let clock = TestClock()
        // A minute before midnight.
        clock.advance(by: .seconds(12 * 3600 - 60))
        try await withPolicy(clock: clock, configure: { $0.outbound.dailyLimit = 1 }) { policy async throws in
            #expect(await policy.action("1") == .dunno)
            let refused = await policy.action("2")
            #expect(refused.verb == .deferIfPermit)
            clock.advance(by: .seconds(120))
            #expect(await policy.action("2") == refused)
            #expect(await policy.action("3") == .dunno)
        }
    }

    @Test func answersAreDeletedAfterADay() async throws {
        let clock = TestClock()
        try await withPolicy(clock: clock) { policy async throws in
            _ = await policy.action("1")
            let delete: @Sendable () async throws -> Int = {
                try await policy.store.write { try $0.retention.delete(RetentionPeriods(), limit: 10) }
            }
            clock.advance(by: .seconds(86_400))
            #expect(try await delete() == 0)
            clock.advance(by: .seconds(86_400))
            #expect(try await delete() == 1)
        }
    }

    @Test func withoutAnInstanceEveryRequestCounts() async throws {
        try await withPolicy { policy async throws in
            for _ in 0..<3 { _ = await policy.action("") }
            #expect(try await policy.sent == 3)
        }
    }

    @Test func recipientsAreChargedAtRCPT() async throws {
        try await withPolicy(rules: rules { $0.count = .rcpt }) { policy async throws in
            for recipient in ["a@x.example", "b@x.example", "a@x.example"] {
                _ = await policy.action("1", state: "RCPT", recipient: recipient, recipients: 0)
            }
            _ = await policy.action("1")
            #expect(try await policy.sent == 2)
        }
    }

    @Test func bouncesAreNeverCounted() async throws {
        try await withPolicy { policy async throws in
            #expect(await policy.action("1", sender: "") == .dunno)
            #expect(try await policy.sent == 0)
        }
    }

    /// The null sender of a login without a domain would otherwise evade every limit.
    @Test(arguments: [(PolicyRules.UnknownDomain.dunno, PolicyAction.Verb.dunno), (.reject, .reject), (.deferred, .deferIfPermit)])
    func aLoginWithoutADomainIsAnUnknownDomain(rule: PolicyRules.UnknownDomain, verb: PolicyAction.Verb) async throws {
        try await withPolicy(rules: rules { $0.unknownDomain = rule }) { policy async throws in
            #expect(await policy.action("1", sender: "", login: "ann").verb == verb)
            #expect(await policy.action("2", sender: "") == .dunno)
        }
    }

    /// Limits and reputation are those of the sender's domain: another customer's mail must not be charged to it.
    @Test(arguments: [
        ("me@shop.example", true), ("me@acme-two.example", true), ("me@other.example", false), ("me@unknown.example", true), ("me", true),
        ("", true),
        ("me@claimed.example", true),
    ])
    func aLoginOfAnotherAccountIsRefused(login: String, isAllowed: Bool) async throws {
        try await withPolicy { policy async throws in
            _ = try await policy.store.makeDomain("acme-two.example")
            _ = try await policy.store.makeDomain("other.example", account: "other")
            _ = try await policy.store.makeDomain("claimed.example", account: "other") { $0.ownership.state = .pending }
            let action = await policy.action("1", login: login)
            #expect(action.description == (isAllowed ? "DUNNO" : "REJECT 5.7.1 The login may not send for the domain shop.example"))
            #expect(try await policy.sent == (isAllowed ? 1 : 0))
        }
    }

    @Test(arguments: [
        (PolicyRules.UnknownDomain.dunno, false, PolicyAction.Verb.dunno, Int64(0)), (.reject, false, .reject, 0),
        (.deferred, false, .deferIfPermit, 0), (.reject, true, .dunno, 1),
    ])
    func subdomains(unknown: PolicyRules.UnknownDomain, usesParent: Bool, verb: PolicyAction.Verb, sent: Int64) async throws {
        try await withPolicy(rules: rules { ($0.unknownDomain, $0.usesParentDomain) = (unknown, usesParent) }) { policy async throws in
            #expect(await policy.action("1", sender: "news@a.mail.shop.example").verb == verb)
            #expect(try await policy.sent == sent)
        }
    }

    @Test(arguments: [(PolicyRules.OnError.deferred, PolicyAction.Verb.deferIfPermit), (.dunno, .dunno)])
    func withoutTheDatabaseTheAnswerIsThatOfTheSetting(rule: PolicyRules.OnError, verb: PolicyAction.Verb) async throws {
        try await withStore { store in
            try await store.close()
            let metrics = TestMetrics()
            let service = PolicyService(
                store: store, gate: Gate(), rules: rules { $0.onError = rule }, metrics: metrics, logger: quietLogger)
            let action = await service.action(for: .sample())
            #expect(action.verb == verb)
            #expect(verb == .dunno || action.text.hasPrefix("4.3.0 "))
            let counter = try metrics.expectCounter(
                "martlet_policy_decisions_total", [("action", verb.rawValue.lowercased()), ("reason", "storage_failed")])
            #expect(counter.values == [1])
        }
    }

    @Test func decisionsAreCountedByActionAndReason() async throws {
        try await withPolicy(configure: { $0.outbound.dailyLimit = 2 }) { policy async throws in
            for number in [1, 2, 3, 3] { _ = await policy.action("\(number)") }
            _ = await policy.action("4", sender: "a@other.example")
            _ = await policy.action("5", state: "MAIL")
            let counts: [(action: String, reason: String, count: Int64)] = [
                ("dunno", "none", 2), ("defer_if_permit", "daily_limit_exceeded", 1), ("defer_if_permit", "repeated", 1),
                ("dunno", "unknown_domain", 1), ("dunno", "not_counted", 1),
            ]
            for (action, reason, count) in counts {
                let counter = try policy.metrics.expectCounter("martlet_policy_decisions_total", [("action", action), ("reason", reason)])
                #expect(counter.totalValue == count)
            }
            #expect(policy.metrics.counters.count == counts.count)
        }
    }
}

/// A service over a store of its own with the verified domain `shop.example`.
struct PolicyUnderTest: Sendable {
    let store: Store
    let service: PolicyService
    let metrics: TestMetrics

    var sent: Int64? {
        get async throws { try await store.read { try $0.domains.find(named: DomainName(validated: "shop.example"))?.counters.sentToday } }
    }

    // Parameters, not a closure: this compiler confuses closures within and beside `#expect`.
    func action(
        _ instance: String, sender: String = "news@shop.example", state: String = "DATA", recipient: String = "user@customer.example",
        recipients: Int64 = 1, login: String = ""
    ) async -> PolicyAction {
        let request = PolicyRequest.sample {
            ($0.instance, $0.sender, $0.protocolState) = (instance, sender, state)
            $0.saslUsername = login
            ($0.recipient, $0.recipientCount) = (recipient, recipients)
        }
        return await service.action(for: request)
    }
}

func withPolicy(
    rules: PolicyRules = PolicyRules(), clock: TestClock = TestClock(),
    configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in }, _ body: (PolicyUnderTest) async throws -> Void
) async throws {
    try await withStore(clock: clock) { store in
        _ = try await store.makeDomain("shop.example", configure: configure)
        let metrics = TestMetrics()
        let service = PolicyService(store: store, gate: Gate(), rules: rules, metrics: metrics, logger: quietLogger)
        try await body(PolicyUnderTest(store: store, service: service, metrics: metrics))
    }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
