import MailModel
import Testing

struct AttemptLeaseTests {
    private let start = ContinuousClock.now

    @Test(arguments: [(0, true, false), (30, true, false), (31, false, false), (59, false, false), (60, false, true)])
    func aCallBeginsInTheFirstHalfOfTheLease(seconds: Int, allowsCall: Bool, isOver: Bool) {
        let lease = AttemptLease(claimedAt: start, length: .seconds(60))
        #expect(lease.allowsCall(at: start + .seconds(seconds)) == allowsCall)
        #expect(lease.isOver(at: start + .seconds(seconds)) == isOver)
    }
}
