import Encoding
package import MailModel

/// A table as comma-separated values (RFC 4180), safe to open in a spreadsheet.
package struct CSV {
    /// The lines appended since the beginning, or since ``drain()``; they end with CR LF.
    package private(set) var text = ""

    /// A table with its first line.
    package init(header: [String]) {
        append(header)
    }

    /// Appends a line.
    package mutating func append(_ fields: [String]) {
        text += fields.map(CSVCell.encode).joined(separator: ",") + "\r\n"
    }

    /// Returns the lines appended since the last call and removes them, for tables that are sent in pieces.
    package mutating func drain() -> String {
        defer { text = "" }
        return text
    }
}

// MARK: Suppression lists

extension CSV {
    /// The columns of a suppression list, for import and export (specification 9.2).
    package static let suppressionColumns = ["address", "scope", "sender", "reason", "note"]

    /// A suppression list without entries.
    package static var suppressions: CSV { CSV(header: suppressionColumns) }

    /// Appends an entry, in exactly the columns that an import reads; none of an erased recipient, who has no address.
    package mutating func append(_ suppression: Suppression) {
        let entry = suppression.entry
        guard !entry.address.isErased else { return }
        append([
            entry.address.description, entry.scope.rawValue, entry.sender?.description ?? "", entry.reason.rawValue, entry.note ?? "",
        ])
    }
}

// MARK: Bills

extension Billing {
    /// The bill as a table: a line per domain, with the fields of the JSON form after the period.
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
