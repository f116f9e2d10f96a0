package import MailModel

extension Billing {
    /// The table for a spreadsheet: a line per domain, the fields of the JSON form with the period before them.
    package var csv: String {
        var csv = CSV(header: [
            "period", "name", "partner_ref", "outbound_sent_month", "outbound_monthly_limit", "bounce_count", "complaint_count",
            "bounce_rate", "complaint_rate",
        ])
        for entry in domains {
            let counters = entry.counters
            csv.append([
                month.description, entry.name.description, entry.accountReference, String(counters.sent), String(entry.monthlyLimit),
                String(counters.bounces), String(counters.complaints), String(counters.bounceRate.percent),
                String(counters.complaintRate.percent),
            ])
        }
        return csv.text
    }
}
