import MailModel
import Testing

@testable import Sending

struct CallScheduleTests {
    private let start = Timestamp(milliseconds: 1_781_524_800_000)

    @Test func callsThatWereHeldUpLeaveOneWindowApart() {
        var schedule = CallSchedule()
        let waits = (0..<25).map { _ in schedule.plan(limit: 10, at: start) }
        #expect(waits.prefix(10).allSatisfy { $0 == .zero })
        #expect(waits[10..<20].allSatisfy { $0 == Pacer.window })
        #expect(waits[20...].allSatisfy { $0 == Pacer.window + Pacer.window })
    }

    @Test func evenCallsDoNotWait() {
        var schedule = CallSchedule()
        let waits = (0..<100).map { schedule.plan(limit: 10, at: start + .milliseconds($0 * 102)) }
        #expect(waits.allSatisfy { $0 == .zero })
    }

    @Test func aSmallerLimitCountsWhatWentBefore() {
        var schedule = CallSchedule()
        for _ in 0..<10 { _ = schedule.plan(limit: 10, at: start) }
        #expect(schedule.plan(limit: 2, at: start + .milliseconds(500)) == Pacer.window - .milliseconds(500))
    }
}
