import Hummingbird
import MailModel
import Web

extension SuppressionController {
    static let listDocumentation = Documentation(
        "Suppressed addresses, newest first; as CSV all of them, in the form that an import takes",
        query: [
            .init(name: "address", schema: .formatted("email"), description: "Only this address."),
            .init(name: "scope", schema: .words(SuppressionEntry.Scope.self), description: "Only entries of this scope."),
            .init(name: "sender", schema: .formatted("email"), description: "Only entries for this sender."),
            .init(name: "reason", schema: .words(SuppressionReason.self), description: "Only entries with this reason."),
            .userName,
            .init(name: "format", schema: .words(["json", "csv"]), description: "Else by Accept."),
        ] + Documentation.Parameter.page,
        .init(
            status: .ok, description: "The entries; meta.next is there while there are more.",
            content: [("application/json", .envelope(.array(.reference("Suppression")))), ("text/csv", .string)]))

    static let addDocumentation = Documentation(
        "Suppress an address",
        body: .json(.reference("NewSuppression"), example: #"{"address": "former@customer.example", "note": "Asked us by phone"}"#),
        .json(.created, "Suppressed.", .envelope(.reference("Suppression"))),
        .json(.ok, "It was suppressed already; the entry as it is.", .envelope(.reference("Suppression"))), .accountNotFound)

    static let importDocumentation = Documentation(
        "Suppress the addresses of a file with the columns address, scope, sender, reason, note; only address is required",
        query: [.userName],
        body: .init(schema: .string, contentType: "text/csv", example: "address,reason\nformer@customer.example,manual"),
        .json(.ok, "What came of its lines.", .envelope(.reference("SuppressionImport"))))

    static let removeDocumentation = Documentation("Take an address off the list", .empty(.noContent, "It is gone."))

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "Suppression",
            .object([
                .init("id", .integer), .init("userName", .string), .init("address", .formatted("email")),
                .init("scope", .words(SuppressionEntry.Scope.self)), .optional("sender", .formatted("email")),
                .init("reason", .words(SuppressionReason.self)), .optional("note", .string),
                .init("source", .words(Suppression.Source.self)), .init("createdAt", .time),
            ])
        ),
        (
            "NewSuppression",
            .fieldsOrNull([
                .init("address", .formatted("email")), .optional("scope", .words(SuppressionEntry.Scope.self)),
                .optional("sender", .formatted("email")), .optional("reason", .words(SuppressionReason.self)), .optional("note", .string),
                .optional("userName", .string),
            ])
        ),
        (
            "SuppressionImport",
            .object([
                .init("imported", .count), .init("duplicates", .count),
                .init("rejected", .array(.object([.init("line", .count), .init("explain", .string)]))), .init("rejectedCount", .count),
                .init("ignoredColumns", .array(.string)),
            ])
        ),
    ]
}
