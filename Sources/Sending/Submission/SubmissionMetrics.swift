import CoreMetrics
import MailModel
package import Metering

/// Counts what became of requests to send.
struct SubmissionMetrics: Sendable {
    private struct Acceptance: MetricLabels {
        var status: EmailStatus

        var dimensions: [(String, String)] { [("status", status.rawValue.lowercased())] }
    }

    private let accepted: CounterTable<Acceptance>
    private let refused: CounterTable<SubmissionRefusal.Kind>

    init(_ factory: any MetricsFactory) {
        accepted = CounterTable(
            "martlet_emails_accepted_total", factory, from: [.queued, .scheduled, .blacklisted, .incomplete].map(Acceptance.init))
        refused = CounterTable("martlet_emails_refused_total", factory)
    }

    func count(_ outcome: AcceptEmail.Outcome, of candidate: AcceptEmail) {
        switch outcome {
        // With another id it is what an idempotency key led to before.
        case .success(let acceptance) where acceptance.email.id != candidate.id: break
        case .success(let acceptance):
            for status in [acceptance.email.status] + acceptance.copies.values { accepted.count(Acceptance(status: status)) }
        case .failure(let refusal): count(refusal)
        }
    }

    func count(_ refusal: SubmissionRefusal) {
        refused.count(refusal.kind)
    }
}

extension SubmissionRefusal.Kind: MetricLabel {
    package static var name: String { "reason" }
}
