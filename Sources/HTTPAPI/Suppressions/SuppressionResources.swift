import JSON
import MailModel
import Recipients

/// Entries of suppression lists as the API answers them (specification 9.1 and 9.2).
enum SuppressionResources {
    static let suppression = Resource<Suppression>("Suppression") {
        Field("id", .integer, "The id of the entry, by which it is deleted.", example: 31) { $0.id }
        Field("userName", .string, "The account that the list belongs to (partner_ref).", example: "acme") { $0.userName }
        Field(
            "address", .nullable(.email),
            "The address that is not mailed, in lower case; null where the recipient was erased and a keyed hash holds in its place.",
            example: "former@customer.example"
        ) { $0.entry.address.shown }
        Field(
            "scope", .words(SuppressionEntry.Scope.self), "Whether it holds for all senders of the `account`, or for one `sender`.",
            example: "sender"
        ) { $0.entry.scope.rawValue }
        Field.optional(
            "sender", .email, "The sender that it holds for; absent where it holds for all.", example: "news@shop.example"
        ) { $0.entry.sender?.description }
        Field("reason", .words(SuppressionReason.self), "Why the address is not mailed.", example: "unsubscribe") {
            $0.entry.reason.rawValue
        }
        Field.optional("note", .string, "A note of who added it; absent for none.", example: "Asked us by phone") { $0.entry.note }
        Field(
            "source", .words(Suppression.Source.self),
            "Where it comes from: `feedback` of SES, the unsubscribe `link`, the `api` or dashboard, or an `import`.", example: "link"
        ) { $0.source.rawValue }
        Field("createdAt", .time, "When it was added (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.createdAt.description }
    }

    /// The outcome of an import, and the names of the file's columns that were ignored.
    static let imported = Resource<(report: SuppressionImport.Report, ignored: [String])>("SuppressionImport") {
        Field("imported", .count, "The entries that are new.", example: 1250) { $0.report.imported }
        Field("duplicates", .count, "The lines whose entry was on the list already, or earlier in the file.", example: 14) {
            $0.report.duplicates
        }
        Field.list(
            "rejected", of: rejection, "The lines that are no entries, at most the first \(SuppressionImport.mostRejections)."
        ) { $0.report.rejected }
        Field("rejectedCount", .count, "The number of all lines that are no entries.", example: 1) { $0.report.rejectedCount }
        Field("ignoredColumns", .array(.string), "The columns of the file that were not read, by name.", example: ["colour"]) { $0.ignored }
    }

    private static let rejection = Resource<SuppressionImport.Rejection>("RejectedLine") {
        Field("line", .count, "The number of the line in the file, from 1.", example: 3) { $0.line }
        Field("explain", .string, "What is wrong with it.", example: "address: expected an email address") { $0.explanation }
    }
}
