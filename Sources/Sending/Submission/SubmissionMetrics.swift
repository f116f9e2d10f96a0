import CoreMetrics
import MailModel
import Metering

/// The counters of accepted and refused emails.
struct SubmissionMetrics: Sendable {
    private struct Acceptance: MetricLabels {
        var status: EmailStatus

        var dimensions: [(String, String)] { [("status", status.rawValue.lowercased())] }
    }

    private struct Reason: MetricLabels {
        var kind: Refusal.Kind

        /// The kinds of refusal that emails can get.
        static let expected = [Refusal.Kind.invalid, .tooLarge, .badFrom, .badTo, .blocked, .quota, .conflict].map(Reason.init)

        var dimensions: [(String, String)] { [("reason", kind.rawValue)] }
    }

    private let accepted: CounterTable<Acceptance>
    private let refused: CounterTable<Reason>

    init(_ factory: any MetricsFactory) {
        accepted = CounterTable(
            "martlet_emails_accepted_total", factory, from: [.queued, .scheduled, .blacklisted, .incomplete].map(Acceptance.init))
        refused = CounterTable("martlet_emails_refused_total", factory, from: Reason.expected)
    }

    func count(_ outcome: AcceptEmail.Outcome, of command: AcceptEmail) {
        switch outcome {
        // With another id it is the email of an earlier request with the same idempotency key.
        case .success(let acceptance) where acceptance.email.id != command.id: break
        case .success(let acceptance):
            for status in [acceptance.email.status] + acceptance.copies.values { accepted.count(Acceptance(status: status)) }
        case .failure(let refusal): count(refusal)
        }
    }

    func count(_ refusal: Refusal) {
        refused.count(Reason(kind: refusal.kind))
    }
}
