import Database
import MailModel

/// A table that grows with every email or change.
///
/// Its ids are UUIDs of version 7, which sort by their time: where the engine partitions tables, this one has a partition for each month,
/// which follows from an id.
struct MonthlyTable {
    var name: String
    /// The column with the id.
    var column: String
    /// Whether rows with a `due_at` are still to be worked on: their month stays.
    var hasQueue = true

    /// The tables of emails, in the order of deletion: an email is never found without its content.
    static let emails = [
        MonthlyTable(name: "emails", column: "id"), MonthlyTable(name: "email_contents", column: "id"),
        MonthlyTable(name: "email_templates", column: "email_id"),
        MonthlyTable(name: "email_attachments", column: "email_id"),
        MonthlyTable(name: "timeline", column: "email_id"),
        MonthlyTable(name: "ses_messages", column: "email_id"),
    ]
    /// What emails are searched by: deleted by segments, and with the months of the emails.
    static let search = [MonthlyTable(name: "email_search", column: "email_id")]
    static let callbacks = [MonthlyTable(name: "callback_deliveries", column: "id")]
    static let audit = [MonthlyTable(name: "audit_log", column: "id", hasQueue: false)]

    func partition(_ month: CalendarMonth) -> Partition {
        Partition(
            of: name, by: column, name: "\(name)_\(month.description.replacing("-", with: "_"))",
            from: EmailID.lowest(at: month.start).bytes, until: EmailID.lowest(at: month.next.start).bytes)
    }

    /// Returns the month of a partition; `nil` for any other name.
    func month(ofPartition partition: String) -> CalendarMonth? {
        guard partition.hasPrefix("\(name)_") else { return nil }
        return CalendarMonth(String(partition.dropFirst(name.count + 1)).replacing("_", with: "-"))
    }
}
