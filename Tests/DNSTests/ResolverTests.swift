import Concurrency
import DNS
import Dispatch
import MailModel
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ResolverTests {
    private let clock = TestClock()
    private let asked = Log()

    /// What was asked, in its order.
    private final class Log: Sendable {
        private let questions = Mutex<[DNSQuestion]>([])
        var all: [DNSQuestion] { questions.withLock { $0 } }
        func add(_ question: DNSQuestion) { questions.withLock { $0.append(question) } }
    }

    private func withResolver(
        _ findings: [String: DNSQuestion.Finding], _ body: (Resolver) async throws -> Void
    ) async throws {
        let resolver = Resolver(clock: { [clock] in clock.now }) { [asked] question in
            asked.add(question)
            return findings["\(question.type) \(question.name)"] ?? DNSQuestion.Finding(answer: .noSuchName)
        }
        try await body(resolver)
        resolver.close()
    }

    @Test(arguments: [
        (DNSAnswer.records([.txt("x")]), UInt32(300), 300), (.records([.txt("x")]), 0, 5), (.records([.txt("x")]), 100_000, 3600),
        (.noData, 9, 60), (.noSuchName, 9, 60), (.failed(.noAnswer), 9, 5),
    ])
    func `an answer is kept as long as it holds`(answer: DNSAnswer, timeToLive: UInt32, seconds: Int) async throws {
        try await withResolver(["txt a.example": .init(answer: answer, timeToLive: timeToLive)]) { resolver in
            #expect(await resolver.answer(to: "A.example", .txt) == answer)
            clock.advance(by: .seconds(seconds) - .milliseconds(1))
            #expect(await resolver.answer(to: "a.EXAMPLE.", .txt) == answer)
            #expect(asked.all.count == 1)
            clock.advance(by: .milliseconds(1))
            #expect(await resolver.answer(to: "a.example", .txt) == answer)
            #expect(asked.all.count == 2)
        }
    }

    @Test func `a fresh answer is asked for although one is cached, and is cached itself`() async throws {
        try await withResolver(["txt a.example": .init(answer: .noData)]) { resolver in
            #expect(await resolver.answer(to: "a.example", .txt) == .noData)
            #expect(await resolver.answer(to: "a.example", .txt, isFresh: true) == .noData)
            #expect(await resolver.answer(to: "a.example", .txt) == .noData)
            #expect(asked.all.count == 2)
        }
    }

    @Test func `the same question at the same time is asked once`() async throws {
        try await withResolver(["mx a.example": .init(answer: .noData)]) { resolver in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<200 { group.addTask { #expect(await resolver.answer(to: "a.example", .mx) == .noData) } }
            }
            #expect(asked.all.count == 1)
        }
    }

    @Test func `one who is cancelled waits no longer`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let resolver = Resolver(clock: { TestClock().now }) { _ in
            gate.wait()
            return DNSQuestion.Finding(answer: .noData)
        }
        let waiting = Task { await resolver.answer(to: "a.example", .mx) }
        let patient = Task { await resolver.answer(to: "a.example", .mx) }
        waiting.cancel()
        #expect(await waiting.value == .failed(.noAnswer))
        gate.signal()
        #expect(await patient.value == .noData)
        gate.signal()
        resolver.close()
    }

    @Test(arguments: ["", "a b", "a\u{0}b", "ä.example", #"a\046b"#, String(repeating: "a", count: 254)])
    func `what is no name is not asked for`(name: String) async throws {
        try await withResolver([:]) { resolver in
            #expect(await resolver.answer(to: name, .a) == .failed(.invalidName))
            #expect(asked.all.isEmpty)
        }
    }

    @Test func `questions and answers are bounded`() throws {
        var state = ResolverState<Int>(capacity: 3, mostAsked: 4)
        let questions = try (0..<10).map { try #require(DNSQuestion(name: "a\($0).example", type: .a)) }
        #expect(state.ask(questions[0], for: 0, ticket: 0, at: clock.now) == .ask)
        #expect(state.ask(questions[0], for: 1, ticket: 1, at: clock.now) == .wait)
        #expect(state.ask(questions[1], for: 2, ticket: 2, at: clock.now) == .ask)
        // One alone has half.
        #expect(state.ask(questions[2], for: 3, ticket: 3, at: clock.now) == .answer(.failed(.overloaded)))
        #expect(state.ask(questions[2], for: 3, ticket: 3, of: "other", at: clock.now) == .ask)
        #expect(state.ask(questions[1], for: 4, ticket: 4, of: "third", at: clock.now) == .ask, "no one waits in another's queue")
        #expect(state.learn(.init(answer: .noData), of: questions[0], at: clock.now).sorted() == [0, 1])
        #expect(state.learn(.init(answer: .noData), of: questions[1], at: clock.now) == [2])
        for question in questions {
            #expect(state.learn(.init(answer: .noSuchName), of: question, at: clock.now).isEmpty)
            #expect(state.count <= 3)
            #expect(state.ask(question, for: 0, ticket: 0, at: clock.now) == .answer(.noSuchName))
        }
    }

    private func answer(to name: String, for holder: String, by resolver: Resolver) async -> DNSAnswer {
        await Caller.$current.withValue(holder) { await resolver.answer(to: name, .mx) }
    }

    @Test func `slow names of one delay no other one's, and are forgotten when nobody waits`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let resolver = Resolver(threads: 4, clock: { TestClock().now }) { [asked] question in
            asked.add(question)
            if question.name.hasPrefix("slow") { gate.wait() }
            return DNSQuestion.Finding(answer: .noData)
        }
        let slow = (0..<20).map { number in
            Task { await answer(to: "slow\(number).example", for: "one", by: resolver) }
        }
        while asked.all.count < 2 { await Task.yield() }
        for name in ["a", "b", "c"] {
            #expect(await answer(to: "\(name).example", for: "other", by: resolver) == .noData)
        }
        #expect(asked.all.count == 5, "half of the threads, and the other's three")
        for task in slow { task.cancel() }
        for task in slow { #expect(await task.value == .failed(.noAnswer)) }
        for _ in 0..<2 { gate.signal() }
        #expect(await answer(to: "d.example", for: "one", by: resolver) == .noData)
        #expect(asked.all.count == 6, "those that nobody waited for were not asked")
        resolver.close()
    }

    private static let routes: [(name: String, findings: [String: DNSAnswer], accepts: Bool?)] = [
        ("mx", ["mx d.example": .records([.mx(preference: 10, exchange: "mx.example")])], true),
        ("null mx", ["mx d.example": .records([.mx(preference: 0, exchange: "")]), "a d.example": .records([.a("192.0.2.1")])], false),
        ("address", ["mx d.example": .noData, "a d.example": .records([.a("192.0.2.1")])], true),
        (
            "ipv6 address", ["mx d.example": .noData, "a d.example": .noData, "aaaa d.example": .records([.aaaa("2001:db8:0:0:0:0:0:1")])],
            true
        ),
        ("nothing", ["mx d.example": .noData, "a d.example": .noData, "aaaa d.example": .noData], false),
        ("no such name", [:], false), ("no answer", ["mx d.example": .failed(.noAnswer)], nil),
        ("server failure", ["mx d.example": .failed(.serverFailure)], nil),
        ("no answer for addresses", ["mx d.example": .noData, "a d.example": .failed(.noAnswer)], nil),
    ]

    @Test(arguments: routes.indices) func `where mail goes`(number: Int) async throws {
        let route = Self.routes[number]
        try await withResolver(route.findings.mapValues { DNSQuestion.Finding(answer: $0, timeToLive: 60) }) { resolver in
            switch await resolver.mailAcceptance(of: DomainName(validated: "d.example")) {
            case .accepts: #expect(route.accepts == true, "\(route.name)")
            case .refuses(let reason): #expect(route.accepts == false && reason.contains("d.example"), "\(route.name)")
            case .nullMX(let reason): #expect(route.name == "null mx" && reason.contains("d.example"))
            case .unknown: #expect(route.accepts == nil, "\(route.name)")
            }
        }
    }

    @Test(arguments: [
        ("127.0.0.1:5353", true), ("192.0.2.1", true), ("", false), ("192.0.2", false), ("192.0.2.256", false), ("192.0.2.1:0", false),
        ("192.0.2.1:x", false), ("localhost", false), ("::1", false), ("1.2.3.4:5:6", false),
    ])
    func `nameservers`(text: String, isValid: Bool) {
        #expect((Nameserver(text) != nil) == isValid)
    }
}
