import Hummingbird
import MailModel
import Outbound
import Web

/// `/senders`: single sender addresses (specification 9.5).
struct SenderController: Sendable {
    let senders: SenderService
    let clock: @Sendable () -> Timestamp

    var operations: [Operation] {
        [
            Operation(.post, "/senders", .sendersManage, Self.requestDocumentation, request),
            Operation(.get, "/senders", .sendersRead, Self.listDocumentation, list),
            Operation(.delete, "/senders/{email}", .sendersManage, Self.deleteDocumentation, delete),
            Operation(.post, "/senders/{email}/approve", .sendersApprove, Self.approveDocumentation, approve),
        ].inEnvelopes
    }

    private func request(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let email = fields.requiredString("email")
        try fields.check(missingStatus: .badRequest)
        return answer(request, .created, try await senders.request(email, by: principal))
    }

    private func list(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let limit = try request.query.limit()
        let found = try await senders.list(by: principal, after: request.query["after"], limit: limit + 1)
        return .page(request, of: found, limit: limit, at: clock(), next: \.address.description, write: SenderResources.sender.write)
    }

    private func delete(_ request: APIRequest, by principal: Principal) async throws -> Response {
        try await senders.delete(try request.parameter("email"), by: principal)
        return .noContent
    }

    private func approve(_ request: APIRequest, by principal: Principal) async throws -> Response {
        answer(request, .ok, try await senders.approve(try request.parameter("email"), by: principal))
    }

    private func answer(_ request: APIRequest, _ status: HTTPResponse.Status, _ sender: Sender) -> Response {
        let explanation = sender.status == .requested ? "The address waits for the operator's approval" : nil
        return .envelope(request, status, at: clock(), explain: explanation) { SenderResources.sender.write(sender, to: &$0) }
    }
}

extension SenderController {
    private static let requestDocumentation = Documentation(
        "Request an address to send from; SES mails it a link, or the operator approves it first",
        body: .json(newSender.reference, example: #"{"email": "ann@partner.example"}"#),
        .json(.created, "The sender.", .envelope(SenderResources.sender.reference)),
        .json(.conflict, "The address, or its domain, belongs to another account.", .envelopeError))

    private static let listDocumentation = Documentation(
        "Senders, newest first, with the present status at SES of those that are not verified yet",
        query: [
            Documentation.Parameter.page[0],
            .init(name: "after", schema: .formatted("email"), description: "The address of the last sender of the page before."),
        ],
        .json(.ok, "The senders; meta.next is there while there are more.", .envelope(.array(SenderResources.sender.reference))))

    private static let deleteDocumentation = Documentation("Delete a sender", .empty(.noContent, "Deleted, also at SES."))

    private static let approveDocumentation = Documentation(
        "Approve an address that waits for the operator", .json(.ok, "The sender.", .envelope(SenderResources.sender.reference)))

    private static let newSender = Component(
        "NewSender", .fields([.init("email", .email, "The address to send from.", example: "ann@partner.example")]))
}

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
