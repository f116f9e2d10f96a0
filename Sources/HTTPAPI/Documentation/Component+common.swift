import MailModel

/// The components that many operations share; what they describe is written by `Envelope` and `ErrorFormat` of Web, which a test compares.
extension Component {
    static let meta = Component(
        "Meta",
        .object(
            facts + [
                .optional(
                    "explain", .string, "A sentence about the answer, such as a soft limit that is exceeded; absent where there is none.",
                    example: "sendAt: 2026-06-15T11:00:00.000Z has passed, the email is sent at once"),
                .optional(
                    "next", .string, "The value of `after` for the next page of a list; absent on the last page.",
                    example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11"),
            ]))

    /// The error of the operations whose answers are bare objects.
    ///
    /// Not `Error`, which is a type of the languages that clients are generated in.
    static let error = Component(
        "PlainError",
        .object([
            .init(
                "detail", .string, "What is wrong, and what was expected, in a sentence.",
                example: "outbound_daily_limit: must not be negative"),
            code(), errors,
        ]))

    /// The error of the operations whose answers are envelopes.
    static let envelopeError = Component(
        "EnvelopeError",
        .object([
            .init(
                "meta",
                .object(
                    facts + [
                        .init(
                            "explain", .string, "What is wrong, and what was expected, in a sentence.",
                            example: "to: expected an email address"),
                        code(), errors,
                    ]), "Facts about the answer, with the explanation of the error."),
            .init("data", refusal.reference, "The status of a refused email; empty for other errors."),
        ]))

    /// The reason of an error, for programs.
    ///
    /// - Parameter isRequired: false where the same object stands for a success too.
    static func code(isRequired: Bool = true) -> Schema.Property {
        let sentence = "The stable word for the reason; the reference lists all of them with what to do."
        return isRequired
            ? .init("code", refusalCode.reference, sentence, example: "invalid_value")
            : .optional("code", refusalCode.reference, sentence, example: "invalid_value")
    }

    /// The list of all codes.
    static let refusalCode = Component("ErrorCode", .words(RefusalCode.self))

    /// Every field that is at fault.
    static let errors = Schema.Property.optional(
        "errors", .array(fieldError.reference), "Every field that is at fault; absent where the error is not about fields.",
        example: [["field": "to", "code": "invalid_value", "message": "to: expected an email address"]])

    static let fieldError = Component(
        "FieldError",
        .object([
            .init("field", .string, "The field, as the request names it.", example: "attachments[0].content"),
            .init("code", refusalCode.reference, "The stable word for what is wrong with it.", example: "invalid_value"),
            .init(
                "message", .string, "What is wrong with it, and what was expected, in a sentence.",
                example: "attachments[0].content: no Base64 at position 4"),
        ]))

    /// What `data` of an error says about an email.
    static let refusal = Component(
        "EmailRefusal",
        .object([
            .optional(
                "status", .words(EmailStatus.self),
                "The status that names the reason of the refusal, or the status of an email that can no longer be cancelled.",
                example: "BAD_FROM")
        ]))

    private static let facts: [Schema.Property] = [
        .init(
            "timestamp", .integer, "When the answer was made, in milliseconds since 1970-01-01T00:00:00Z.", example: 1_781_524_800_000),
        .init("transactionId", .string, "The id of the request, by which the operator finds it in the log.", example: "7f3a9c2e51d04b68"),
    ]
}

extension Schema {
    static let error = Schema.reference(.error)
    static let envelopeError = Schema.reference(.envelopeError)
}
