package import Access
package import Concurrency
package import CoreMetrics
package import Logging
import MailModel
import Metering
package import Sending
package import Storage

/// Answers clients of submission, by the same keys, gate and group commit as the API.
package struct SubmissionService: Sendable {
    private let store: Store
    private let authenticator: Authenticator
    private let submission: Submission
    private let memory: MemoryBudget
    private let repetitionWindow: Duration
    private let failures = LogThrottle()
    private let logger: Logger
    let metrics: SubmissionServerMetrics

    /// - Parameters:
    ///   - memory: what messages may hold before they are answered, together with the requests of HTTP.
    ///   - repetitionWindow: how long a message with the same `Message-ID` from the same key is taken for a repetition.
    package init(
        store: Store, authenticator: Authenticator, submission: Submission, memory: MemoryBudget, repetitionWindow: Duration,
        metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger
    ) {
        self.store = store
        self.authenticator = authenticator
        self.submission = submission
        self.memory = memory
        self.repetitionWindow = repetitionWindow
        self.metrics = SubmissionServerMetrics(metrics)
        self.logger = logger
    }

    /// Why a client cannot log in.
    struct Failure: Error {
        var reply: SubmissionReply
    }

    /// The present time.
    var now: Timestamp { store.now }

    /// Returns who has a password, which is an API key with the scope `send`.
    func authenticate(_ password: String, from host: String) async -> Result<Principal, Failure> {
        do {
            let principal = try await authenticator.authenticate(token: password, from: host)
            guard principal.may(.emailsSend) else {
                return .failure(Failure(reply: SubmissionReply(535, "5.7.8", "The API key lacks the scope send")))
            }
            return .success(principal)
        } catch let error as AuthenticationError {
            return .failure(Failure(reply: Self.reply(to: error)))
        } catch {
            return .failure(Failure(reply: unavailable(error)))
        }
    }

    private static func reply(to error: AuthenticationError) -> SubmissionReply {
        switch error.reason {
        case .tooManyFailures, .rateLimitExceeded: SubmissionReply(454, "4.7.0", error.description)
        default: SubmissionReply(535, "5.7.8", error.description)
        }
    }

    /// Why a recipient is refused whatever the message is; `nil` where nothing is known against it.
    func refusal(of recipient: EmailAddress) async -> SubmissionReply? {
        await submission.refusal(ofRecipient: recipient).map(SubmissionReply.init)
    }

    /// The memory of a message, nothing of it yet.
    func reservation(for principal: Principal) -> MemoryReservation {
        MemoryReservation(of: memory, for: .init(address: principal.clientAddress, account: principal.shareholder))
    }

    /// Accepts a message.
    ///
    /// - Returns: the reply, positive only when the message is durable.
    func accept(
        _ message: [UInt8], to recipients: [EmailAddress], by principal: Principal, _ began: ContinuousClock.Instant
    ) async -> SubmissionReply {
        var raw = RawSubmission(to: recipients.map(\.description), message: message)
        raw.repetitionWindow = repetitionWindow
        let reply: SubmissionReply
        do {
            let acceptance = try await submission.accept(raw, by: principal)
            reply = SubmissionReply(250, "2.0.0", "OK \(acceptance.email.id)" + (acceptance.note.map { ": \($0)" } ?? ""))
        } catch let refusal as Refusal {
            reply = SubmissionReply(refusal)
        } catch {
            reply = unavailable(error)
        }
        return report(reply, by: principal, recipients.count, bytes: message.count, began)
    }

    /// A message that is refused for its size: it was not kept.
    func refused(_ reply: SubmissionReply, by principal: Principal, _ recipients: Int, _ began: ContinuousClock.Instant) -> SubmissionReply
    {
        report(reply, by: principal, recipients, bytes: nil, began)
    }

    private func report(
        _ reply: SubmissionReply, by principal: Principal, _ recipients: Int, bytes: Int?, _ began: ContinuousClock.Instant
    ) -> SubmissionReply {
        metrics.messages.count(SubmissionServerMetrics.Outcome(reply))
        logger.info(
            "Message submitted",
            metadata: [
                "smtp.reply": "\(reply.code) \(reply.status ?? "-")", "smtp.recipients": "\(recipients)",
                "smtp.bytes": "\(bytes.map(String.init) ?? "-")", "smtp.client": "\(principal.address ?? "-")",
                "account": "\(principal.account?.reference ?? "-")", "duration.ms": "\((ContinuousClock.now - began).milliseconds)",
            ])
        return reply
    }

    private func unavailable(_ error: any Error) -> SubmissionReply {
        failures.log { suppressed in
            logger.error("A message could not be stored", metadata: ["error": "\(error)", "log.suppressed": "\(suppressed)"])
        }
        return SubmissionReply(451, "4.3.0", "The storage is not available now, try again")
    }
}

/// What is counted of submission.
struct SubmissionServerMetrics: Sendable {
    /// How messages were answered, by the first digit of the reply.
    enum Outcome: String, MetricLabel {
        static let name = "outcome"
        case accepted, deferred, refused

        init(_ reply: SubmissionReply) {
            self = reply.isPositive ? .accepted : reply.code < 500 ? .deferred : .refused
        }
    }

    let messages: CounterTable<Outcome>
    let connections: Gauge

    init(_ factory: any MetricsFactory) {
        messages = CounterTable("martlet_submission_messages_total", factory, from: Outcome.allCases)
        connections = Gauge(label: "martlet_submission_connections", factory: factory)
    }
}
