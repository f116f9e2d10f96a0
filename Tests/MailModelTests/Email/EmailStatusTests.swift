import MailModel
import Testing

struct EmailStatusTests {
    @Test func `The ten statuses of a sent message are in the specified order`() {
        let way: [EmailStatus] = [
            .scheduled, .queued, .dequeued, .sent, .bounced, .delivered, .open, .click, .bouncedPermanent, .complained,
        ]
        #expect(zip(way, way.dropFirst()).allSatisfy { $0.rank < $1.rank })
    }

    @Test(arguments: [EmailStatus.incomplete, .cancelled, .blacklisted, .badTo, .badFrom, .blockedDueBadBehaviour, .exhausted, .notSent])
    func `What ends an email before delivery yields to what SES reports`(status: EmailStatus) {
        #expect(EmailStatus.sent.advanced(by: status) == status)
        #expect(status.advanced(by: .delivered) == .delivered)
        #expect(status.advanced(by: .bounced) == .bounced)
        #expect(!status.isPending)
    }

    @Test func `No two statuses share a rank`() {
        #expect(Set(EmailStatus.allCases.map(\.rank)).count == EmailStatus.allCases.count)
    }

    @Test func `Every order of events ends in the same status`() {
        let events: [EmailStatus] = [.sent, .bounced, .delivered, .open, .click, .bouncedPermanent, .complained]
        for count in 1...events.count {
            let heard = Array(events.prefix(count))
            let ends = Set(permutations(of: heard).map { $0.reduce(EmailStatus.dequeued) { $0.advanced(by: $1) } })
            #expect(ends == [events[count - 1]])
        }
    }

    @Test func `Of any three events the order does not matter, nor that one comes twice`() {
        let all = EmailStatus.allCases
        for first in all {
            for second in all {
                #expect(first.advanced(by: second) == second.advanced(by: first))
                #expect(first.advanced(by: second).advanced(by: second) == first.advanced(by: second))
                for third in all {
                    let oneWay = first.advanced(by: second).advanced(by: third)
                    let another = third.advanced(by: first).advanced(by: second)
                    if oneWay != another { Issue.record("\(first), \(second), \(third)") }
                }
            }
        }
    }

    @Test func `Only emails not yet handed over are pending`() {
        #expect(EmailStatus.allCases.filter(\.isPending) == [.scheduled, .queued, .dequeued])
    }

    private func permutations(of events: [EmailStatus]) -> [[EmailStatus]] {
        guard let first = events.first else { return [[]] }
        return permutations(of: Array(events.dropFirst())).flatMap { rest in
            (0...rest.count).map { index in Array(rest[..<index]) + [first] + Array(rest[index...]) }
        }
    }
}
