import MailModel

/// Single sender addresses as the API answers them (specification 9.5).
enum SenderResources {
    static let sender = Resource<Sender>("Sender") {
        Field("email", .email, "The address; the case of the part before the @ matters.", example: "ann@partner.example") {
            $0.address.description
        }
        Field(
            "status", .words(Sender.Status.self),
            """
            `REQUESTED` waits for the operator, `PENDING` for a visit of the link that SES mailed, `VERIFIED` may be used in `from`, \
            `FAILED` was not verified in time.
            """, example: "VERIFIED"
        ) { $0.status.rawValue }
        Field("createdAt", .time, "When it was requested (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.createdAt.description }
    }
}
