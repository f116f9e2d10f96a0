import MailModel
import Storage

struct OverviewModel: Sendable {
    struct Figure: Sendable {
        let title: String
        let value: String
        let note: String?
    }

    let figures: [Figure]
    let empty: EmptyState?

    init(_ totals: DomainTotals, _ visit: Visit) {
        figures = [
            Figure(title: "Sent today", value: Format.count(totals.sentToday), note: nil),
            Figure(title: "Sent this month", value: Format.count(totals.sentThisMonth), note: nil),
            Figure(
                title: "Bounces this month", value: Format.percent(Rate(totals.bounces, of: totals.sentThisMonth)),
                note: Format.count(totals.bounces)),
            Figure(
                title: "Complaints this month", value: Format.percent(Rate(totals.complaints, of: totals.sentThisMonth)),
                note: Format.count(totals.complaints)),
        ]
        empty =
            totals.domains > 0
            ? nil
            : EmptyState(
                title: "Nothing is sent yet",
                hint: "Mail is sent from domains of your own. Create the first and put its records into the DNS.",
                action: Link(text: "Create a domain", href: visit.link("/dashboard/domains")))
    }
}
