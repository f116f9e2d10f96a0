import Hummingbird
import MailModel
import Recipients
import Storage
import Web

/// `/recipients` and `/jobs`: what is known of a recipient, and its erasure (specification 9.6).
struct RecipientController: Sendable {
    let store: Store
    let erasures: ErasureService

    var operations: [Operation] {
        [
            Operation(.get, "/recipients/{address}", .recipientsRead, Self.findDocumentation, find),
            Operation(.post, "/recipients/erase", .recipientsErase, Self.eraseDocumentation, erase),
            Operation(.get, "/jobs/{id}", .jobsRead, Self.jobDocumentation, job),
        ].inEnvelopes
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let text = try request.parameter("address")
        guard let address = try? EmailAddress(text) else { throw APIError.notFound("Recipient") }
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        let after = try request.query.value("after", "the id of an email", EmailID.init)
        let known = try await erasures.known(of: address, in: account, after: after, limit: try request.query.limit())
        return .envelope(request, at: known.now, next: known.emails.next?.description) {
            RecipientResources.known.write((address, known), to: &$0)
        }
    }

    private func erase(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields(nullIsAbsent: true)
        let (text, userName) = (fields.requiredString("address"), fields.string("userName"))
        try fields.check(missingStatus: .badRequest)
        let address: EmailAddress
        do throws(EmailAddress.Invalid) {
            address = try EmailAddress(text)
        } catch {
            throw APIError.invalid("address", error.description)
        }
        let account = try await RequestedAccount(userName, by: principal).find(in: store)
        let job = try await erasures.erase(address, in: account, by: principal)
        return .envelope(request, .accepted, at: store.now) { RecipientResources.job.write(job, to: &$0) }
    }

    private func job(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let id = JobID(try request.parameter("id")), let job = try await erasures.job(id, by: principal) else {
            throw APIError.notFound("Job")
        }
        return .envelope(request, at: store.now) { RecipientResources.job.write(job, to: &$0) }
    }
}

extension RecipientController {
    private static let findDocumentation = Documentation(
        "All that is known of a recipient: suppressions, subscriptions, and the emails, newest first",
        query: [.userName] + Documentation.Parameter.page,
        .json(
            .ok, "What is known; meta.next is there while there are more emails.", .envelope(RecipientResources.known.reference)),
        .accountNotFound)

    private static let eraseDocumentation = Documentation(
        "Erase what is known of a recipient, in the background; suppressions hold on, as a keyed hash",
        body: .json(erasure.reference, example: #"{"address": "former@customer.example"}"#),
        .json(.accepted, "The job that does it: the receipt.", .envelope(RecipientResources.job.reference)), .accountNotFound)

    private static let jobDocumentation = Documentation(
        "A job and what it has done so far", .json(.ok, "The job.", .envelope(RecipientResources.job.reference)))

    private static let erasure = Component(
        "Erasure",
        .fieldsOrNull([
            .init(
                "address", .email, "The address of the recipient; the case of its local part does not matter.",
                example: "former@customer.example"),
            .optional(
                "userName", .string,
                "For the master: the one account in whose data it is erased; all when not given. A client has only its own.",
                example: "acme"),
        ]))
}
