import AmazonSES
import MailModel
import Storage

extension Figures {
    /// - Parameter rate: the sending rate of all accounts, for the operator.
    init(_ totals: DomainTotals, _ backlog: Backlog, rate: Item?) {
        items =
            [
                Item(title: "Sent today", value: Format.count(totals.sentToday), note: "since midnight UTC"),
                Item(title: "Sent this month", value: Format.count(totals.sentThisMonth), note: nil),
                Item(
                    title: "Bounces this month", value: Format.percent(Rate(totals.bounces, of: totals.sentThisMonth)),
                    note: Format.count(totals.bounces)),
                Item(
                    title: "Complaints this month", value: Format.percent(Rate(totals.complaints, of: totals.sentThisMonth)),
                    note: Format.count(totals.complaints)),
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

    private static func perSecond(_ rate: Double) -> String {
        rate >= 10 ? String(Int64(rate.rounded())) : "\((rate * 10).rounded() / 10)"
    }
}
