import MailModel
import Testing

struct CallbackRuleTests {
    private let start = Timestamp(milliseconds: 1_781_524_800_000)

    /// Contract section 4: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, then parked.
    @Test(arguments: [(1, 5), (2, 300), (3, 1800), (4, 7200), (5, 18_000), (6, 36_000), (7, 36_000), (8, nil)] as [(Int, Int64?)])
    func schedule(_ failures: Int, _ seconds: Int64?) {
        #expect(
            CallbackSchedule.nextAttempt(afterFailures: failures, now: start) == seconds.map { start + .seconds($0) })
    }

    @Test func theWholeScheduleTakesMoreThanADay() {
        #expect(CallbackSchedule.span == .seconds(27 * 3600 + 35 * 60 + 5))
    }

    @Test func aReceiverIsPausedAfterManyFailuresAndLongerEachTime() {
        var breaker = CallbackBreaker()
        for _ in 1..<CallbackBreaker.threshold { breaker.recordFailure(at: start) }
        #expect(!breaker.isFailing && breaker.pausedUntil == nil)
        var now = start
        for seconds: Int64 in [5, 10, 20, 30, 30, 30] {
            breaker.recordFailure(at: now)
            #expect(breaker.isFailing && breaker.pausedUntil == now + .seconds(seconds))
            // What was under way when the rest began does not make it longer.
            breaker.recordFailure(at: now + .seconds(1))
            #expect(breaker.pausedUntil == now + .seconds(seconds))
            now = now + .seconds(seconds)
        }
        breaker.recordSuccess()
        #expect(breaker == CallbackBreaker())
    }

    @Test(arguments: [
        ([], true, "OPEN", true), (["OPEN"], true, "OPEN", true), (["OPEN"], true, "CLICK", false), ([], false, "OPEN", false),
    ])
    func endpointsChoose(_ events: [String], _ isActive: Bool, _ event: String, _ wants: Bool) {
        let endpoint = CallbackEndpoint(
            id: 1, accountID: 1, url: "https://h/", events: events, isActive: isActive, createdAt: start)
        #expect(endpoint.wants(event) == wants)
    }

    @Test func statusesOfTheFirstAnswerCauseNoCallbacks() {
        #expect(!CallbackEndpoint.knownEvents.contains("QUEUED") && !CallbackEndpoint.knownEvents.contains("SCHEDULED"))
        #expect(CallbackEndpoint.knownEvents.contains("DELIVERED") && CallbackEndpoint.knownEvents.contains("account.blocked"))
    }

    @Test(arguments: [
        ("https://h/x?y=z", true), ("http://h", true), ("https://h:8443/", true), ("ftp://h/", false), ("h/x", false),
        ("https:///x", false), ("https://u:p@h/", false), ("https://h/#f", false),
        ("https://h/" + String(repeating: "x", count: 2038), true), ("https://h/" + String(repeating: "x", count: 2039), false),
    ])
    func urls(_ text: String, _ isValid: Bool) {
        #expect((CallbackURL.read(text) != nil) == isValid)
    }

    @Test func idsReadBack() {
        let id = CallbackID(at: start)
        #expect(CallbackID(id.description) == id && CallbackID(bytes: id.bytes) == id)
        #expect(CallbackID("x") == nil && CallbackID(bytes: [1]) == nil)
        #expect(CallbackID.lowest(at: start).bytes.lexicographicallyPrecedes(id.bytes))
    }
}
