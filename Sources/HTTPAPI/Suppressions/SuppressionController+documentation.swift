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
            content: [("application/json", .envelope(.array(SuppressionResources.suppression.reference))), ("text/csv", .string)]))

    static let addDocumentation = Documentation(
        "Suppress an address",
        body: .json(newSuppression.reference, example: #"{"address": "former@customer.example", "note": "Asked us by phone"}"#),
        .json(.created, "Suppressed.", .envelope(SuppressionResources.suppression.reference)),
        .json(.ok, "It was suppressed already; the entry as it is.", .envelope(SuppressionResources.suppression.reference)),
        .accountNotFound)

    static let importDocumentation = Documentation(
        "Suppress the addresses of a file with the columns address, scope, sender, reason, note; only address is required",
        query: [.userName],
        body: .init(schema: .string, contentType: "text/csv", example: "address,reason\nformer@customer.example,manual"),
        .json(.ok, "The outcome of the import.", .envelope(SuppressionResources.imported.reference)))

    static let removeDocumentation = Documentation("Delete an entry of the list", .empty(.noContent, "Deleted."))

    static let removeAddressDocumentation = Documentation(
        "Delete all entries of an address, also one that is kept as a hash because the recipient was erased",
        query: [
            .init(
                name: "address", schema: .formatted("email"), description: "The address.", isRequired: true,
                example: "gone@customer.example"),
            .init(name: "sender", schema: .formatted("email"), description: "Only the entry for this sender."), .userName,
        ],
        .empty(.noContent, "Deleted."))

    private static let newSuppression = Component(
        "NewSuppression",
        .fieldsOrNull([
            .init("address", .email, "The address that must not be mailed.", example: "former@customer.example"),
            .optional(
                "scope", .words(SuppressionEntry.Scope.self),
                "Whether it holds for all senders of the `account`, or for one `sender`; follows from sender when not given.",
                example: "sender"),
            .optional("sender", .email, "The sender that it holds for; all when not given.", example: "news@shop.example"),
            .optional(
                "reason", .words(SuppressionReason.self), "Why the address is not mailed; `manual` when not given.", example: "manual"),
            .optional(
                "note", .string, "A note for people, of at most \(SuppressionEntry.maximumNoteLength) bytes.", example: "Asked us by phone"),
            .optional(
                "userName", .string, "For the master: the account that the list belongs to. A client has only its own.", example: "acme"),
        ]))
}
