import Feedback
import Hummingbird
import JSON
import MailModel
import Web

/// `/accounts/{ref}/reputation` and `/review`: the reputation of an account, and the operator's decision about it (specification 8.1).
struct ReputationController: Sendable {
    let reputations: ReputationService

    private static let longestNote = 1000

    var operations: [Operation] {
        [
            Operation(.get, "/accounts/{ref}/reputation", .read, Self.reportDocumentation, report),
            .master(.post, "/accounts/{ref}/review", Self.reviewDocumentation, review),
        ]
    }

    private func report(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let report = try await reputations.report(of: try request.parameter("ref"), by: principal) else {
            throw APIError.notFound("Account")
        }
        return .json { report.write(reputations.reputation, withReviews: principal.isMaster, to: &$0) }
    }

    private func review(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let decision: ReviewDecision? = fields.choice("decision")
        if !fields.contains("decision") { _ = fields.requiredString("decision") }
        let note = fields.string("note")
        if let note, note.utf8.count > Self.longestNote { fields.refuse("note", "expected at most \(Self.longestNote) bytes") }
        try fields.check()
        guard let decision else { throw APIError.internalError }
        guard let report = try await reputations.review(try request.parameter("ref"), decision, note: note) else {
            throw APIError.notFound("Account")
        }
        return .json { report.write(reputations.reputation, withReviews: true, to: &$0) }
    }
}

extension ReputationReport {
    /// - Parameter withReviews: whether to write the operator's reviews, which are for the operator only.
    fileprivate func write(_ reputation: Reputation, withReviews: Bool, to writer: inout JSONWriter) {
        writer.object {
            $0.member("partner_ref", account.reference)
            $0.member("status", account.status.rawValue)
            $0.member("reason", reason)
            $0.member("sent", window.counts.sent)
            $0.member("bounces", window.counts.bounces)
            $0.member("complaints", window.counts.complaints)
            $0.member("bounce_rate", window.counts.bounceRate.percent)
            $0.member("complaint_rate", window.counts.complaintRate.percent)
            $0.member("thresholds") { reputation.write(to: &$0) }
            $0.member("since", window.since.description)
            if withReviews {
                $0.member("reviews") { writer in writer.array { for review in reviews { review.write(to: &$0) } } }
            }
        }
    }
}

extension Reputation {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("bounce_warning", bounces.warning.value)
            $0.member("bounce_block", bounces.block.value)
            $0.member("complaint_warning", complaints.warning.value)
            $0.member("complaint_block", complaints.block.value)
            $0.member("minimum_sent", minimumSent)
        }
    }
}

extension AccountReview {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("decision", decision.rawValue)
            $0.member("note", note)
            $0.member("status_before", status.rawValue)
            $0.member("at", at.description)
        }
    }
}

extension ReputationController {
    private static let reportDocumentation = Documentation(
        "How an account stands: what it sent in 30 days, what came back, and from where on it is warned or blocked",
        .json(.ok, "The account's reputation; the reviews are for the master.", .reference("Reputation")))

    private static let reviewDocumentation = Documentation(
        "Decide about an account: lift lets it go on in a fresh window, keep leaves it as it is, block stops it",
        body: .json(
            .fields([.init("decision", .words(ReviewDecision.self)), .optional("note", .string)]),
            example: #"{"decision": "lift", "note": "The list is cleaned"}"#),
        .json(.ok, "The account's reputation after it.", .reference("Reputation")))

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "Reputation",
            .object([
                .init("partner_ref", .string), .init("status", .words(Account.Status.self)), .init("reason", .nullable(.string)),
                .init("sent", .count), .init("bounces", .count), .init("complaints", .count), .init("bounce_rate", .number),
                .init("complaint_rate", .number),
                .init(
                    "thresholds",
                    .object([
                        .init("bounce_warning", .number), .init("bounce_block", .number), .init("complaint_warning", .number),
                        .init("complaint_block", .number), .init("minimum_sent", .count),
                    ])),
                .init("since", .time),
                .optional(
                    "reviews",
                    .array(
                        .object([
                            .init("decision", .words(ReviewDecision.self)), .init("note", .nullable(.string)),
                            .init("status_before", .words(Account.Status.self)), .init("at", .time),
                        ]))),
            ])
        )
    ]
}
