import MailModel
import Testing

struct QuotaUseTests {
    /// Limit, count before and after, level.
    @Test(
        arguments: [
            (0, 0, 1_000_000, nil), (100, 0, 79, nil), (100, 78, 79, nil), (100, 79, 80, .near), (100, 80, 81, nil), (100, 80, 99, nil),
            (100, 99, 100, .reached), (100, 100, 101, nil), (100, 79, 100, .reached), (100, 0, 100, .reached), (100, 0, 99, .near),
            (100, 85, 250, .reached), (100, 120, 130, nil),
            // 80 % of a limit is rounded up to a whole email; below 5 there is no level but the limit itself.
            (1, 0, 1, .reached), (4, 0, 3, nil), (4, 3, 4, .reached), (5, 3, 4, .near), (7, 4, 5, nil), (7, 5, 6, .near),
            (Int64.max, 0, 1, nil), (Int64.max, 0, Int64.max, .reached),
        ] as [(Int64, Int64, Int64, QuotaUse.Level?)])
    func `A level is reached by the count that gets to it, once`(limit: Int64, before: Int64, after: Int64, level: QuotaUse.Level?) {
        for period in QuotaUse.Period.allCases {
            let use = QuotaUse.reached(period, of: limit, from: before, to: after)
            #expect(use == level.map { QuotaUse(period: period, level: $0, limit: limit, sent: after) })
        }
    }

    /// Whatever the steps in which a count rises, the levels rise, each is reached once at the most, and the last one is.
    @Test(arguments: [1, 2, 4, 5, 6, 9, 10, 99, 100, 101, 1000] as [Int64], [1, 2, 3, 7, 25, 400] as [Int64])
    func `Every way from 0 to the limit reaches it once`(limit: Int64, step: Int64) {
        var levels: [QuotaUse.Level] = []
        var count: Int64 = 0
        while count < limit * 2 {
            if let use = QuotaUse.reached(.day, of: limit, from: count, to: count + step) { levels.append(use.level) }
            count += step
        }
        #expect(levels == [.near, .reached] || levels == [.reached])
    }

    @Test func `A notice of a kind is mailed once an hour, and not when a day has passed`() {
        let now = Timestamp(milliseconds: 1_781_524_800_000)
        #expect(NoticeSchedule.mails(now, last: nil, now: now))
        #expect(!NoticeSchedule.mails(now, last: now - .seconds(3599), now: now))
        #expect(NoticeSchedule.mails(now, last: now - .seconds(3600), now: now))
        #expect(NoticeSchedule.mails(now - .seconds(86_400), last: nil, now: now))
        #expect(!NoticeSchedule.mails(now - .seconds(86_401), last: nil, now: now))
    }
}
