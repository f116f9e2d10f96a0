import Feedback
import Hummingbird
import MailModel
import Web

/// `/accounts/{ref}/reputation` and `/review`: the reputation of an account, and the operator's decision about it (specification 8.1).
struct ReputationController: Sendable {
    let reputations: ReputationService

    private static let longestNote = 1000

    var operations: [Operation] {
        [
            Operation(.get, "/accounts/{ref}/reputation", .reputationRead, Self.reportDocumentation, report),
            Operation(.post, "/accounts/{ref}/review", .accountsReview, Self.reviewDocumentation, review),
        ]
    }

    private func report(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let report = try await reputations.report(of: try request.parameter("ref"), by: principal) else {
            throw APIError.notFound("Account")
        }
        return .json {
            ReputationResources.report.write(.init(report, reputations.reputation, withReviews: principal.may(.accountsReview)), to: &$0)
        }
    }

    private func review(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let decision: ReviewDecision? = fields.choice("decision")
        if !fields.contains("decision") { _ = fields.requiredString("decision") }
        let note = fields.string("note")
        if let note, note.utf8.count > Self.longestNote { fields.refuse("note", "expected at most \(Self.longestNote) bytes") }
        try fields.check()
        guard let decision else { throw APIError.internalError }
        guard let report = try await reputations.review(try request.parameter("ref"), decision, note: note, by: principal) else {
            throw APIError.notFound("Account")
        }
        return .json { ReputationResources.report.write(.init(report, reputations.reputation, withReviews: true), to: &$0) }
    }
}

extension ReputationController {
    private static let reportDocumentation = Documentation(
        "The reputation of an account: its counts of 30 days, its rates, and the thresholds that it is judged by",
        .json(.ok, "The account's reputation; the reviews are for the master.", ReputationResources.report.reference))

    private static let reviewDocumentation = Documentation(
        "Review an account: `lift` a warning or block with a fresh window, `keep` it, or `block` the account",
        body: .json(
            newReview.reference, example: #"{"decision": "lift", "note": "The list is cleaned"}"#),
        .json(.ok, "The account's reputation after it.", ReputationResources.report.reference))

    private static let newReview = Component(
        "NewReview",
        .fields([
            .init(
                "decision", .words(ReviewDecision.self),
                "`lift` lets the account go on in a fresh window, `keep` leaves it as it is, `block` stops it whatever its rates.",
                example: "lift"),
            .optional(
                "note", .string, "The reason, of at most \(longestNote) bytes; it is stored with the decision and sent to the account.",
                example: "The list is cleaned"),
        ]))
}
