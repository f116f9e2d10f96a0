import AmazonSES
import MailModel
import Reports
import Storage

extension Figures {
    /// - Parameters:
    ///   - counts: those of the last 30 days.
    ///   - rate: the sending rate of all accounts, for the operator.
    init(_ totals: DomainTotals, _ backlog: Backlog, _ counts: ReportCounts, _ reputation: Reputation, rate: Item?) {
        let bounces = ReportRate.bounceRate.of(counts)
        let complaints = ReportRate.complaintRate.of(counts)
        items =
            [
                Item(title: "Sent today", value: Format.count(totals.sentToday), note: "since midnight UTC"),
                Item(title: "Sent this month", value: Format.count(totals.sentThisMonth), note: nil),
                Item(
                    title: "Bounce rate", value: Format.percent(bounces, near: reputation.bounces.marks),
                    note: "\(Format.count(bounces.count)) in 30 days"),
                Item(
                    title: "Complaint rate", value: Format.percent(complaints, near: reputation.complaints.marks),
                    note: "\(Format.count(complaints.count)) in 30 days"),
                Item(
                    title: "In the queue",
                    value: backlog.waiting < Backlog.mostCounted ? Format.count(backlog.waiting) : "\(Format.count(Backlog.mostCounted))+",
                    note: backlog.age.map { "the oldest waits \(Format.duration($0))" } ?? "nothing waits"),
            ] + (rate.map { [$0] } ?? [])
    }

    /// - Parameters:
    ///   - duration: the time in which `sent` emails were sent.
    ///   - allowed: the quota that SES returned last; `nil` where there is no SES.
    static func rate(sent: Int64, in duration: Duration, allowed: SendQuota?) -> Item {
        let seconds = max(1, Double(duration.milliseconds) / 1000)
        let value = "\(perSecond(Double(sent) / seconds)) /s"
        guard let allowed else { return Item(title: "Sending rate", value: value, note: "a local mailbox, without a limit") }
        let day =
            allowed.max24HourSend < 0
            ? "" : ", \(Format.count(Int64(allowed.sentLast24Hours))) of \(Format.count(Int64(allowed.max24HourSend))) in 24 h"
        return Item(title: "SES rate", value: value, note: "of \(perSecond(allowed.maxSendRate)) /s\(day)")
    }

    /// Returns the used part of SES's quota of 24 hours in percent; `nil` where there is none.
    static func usedPercent(of quota: SendQuota?) -> Int64? {
        guard let quota, quota.max24HourSend > 0 else { return nil }
        return Int64(quota.sentLast24Hours * 100 / quota.max24HourSend)
    }

    private static func perSecond(_ rate: Double) -> String {
        rate >= 10 ? String(Int64(rate.rounded())) : "\((rate * 10).rounded() / 10)"
    }
}

extension Reputation.Thresholds {
    /// In percent.
    var marks: [Double] { [warning.value, block.value] }
}
