package import CoreMetrics
package import Logging
package import MailModel
package import Storage
package import Telemetry

/// The service for what SES reports (specification 4): the one path for every event, from SNS or from the capture transport.
package final class FeedbackService: Sendable {
    private let store: Store
    private let policy: FeedbackPolicy
    private let hideLinks: @Sendable (String) -> String
    private let logger: Logger
    private let metrics: FeedbackMetrics
    private let tracer: SpanTracer?

    /// Which bounces and complaints count, and which addresses they suppress.
    package var rules: FeedbackRules { policy.rules }

    /// - Parameters:
    ///   - guillotine: when a domain is suspended.
    ///   - reputation: the thresholds by which accounts are judged.
    ///   - rules: which bounces and complaints count, and which addresses they suppress.
    ///   - hideLinks: hides the links by which recipients act in the text of an event: one that was clicked may be such a link.
    ///   - tracer: records events of traced emails; `nil` where nothing is traced.
    package init(
        store: Store, guillotine: Guillotine, reputation: Reputation = Reputation(), rules: FeedbackRules = FeedbackRules(),
        hideLinks: @escaping @Sendable (String) -> String = { $0 }, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.store = store
        self.hideLinks = hideLinks
        policy = FeedbackPolicy(rules: rules, guillotine: guillotine, reputation: reputation)
        self.logger = logger
        self.metrics = FeedbackMetrics(metrics)
    }

    /// The error for what is no event of SES.
    ///
    /// It changed nothing, and would fail again.
    package struct Unreadable: Error, Equatable {
        /// What is wrong with it: a sentence.
        package let explanation: String
    }

    /// Takes in an event that SNS has delivered, or with no receipt one of the capture transport: see ``ingest(_:from:)``.
    ///
    /// - Parameter receipt: SNS's `MessageId`, by which a repeated delivery is known; `nil` where nothing is repeated.
    package func ingest(_ event: [UInt8], receipt: String?) async throws {
        try await ingest(event, from: receipt.map(EventOrigin.sns) ?? .local)
    }

    /// Takes in an event, and returns once it is durable.
    ///
    /// - Parameters:
    ///   - event: SES's JSON, the `Message` of the SNS notification.
    ///   - origin: the way that it came, by which a repeated delivery is known.
    /// - Throws: ``Unreadable`` for what is no JSON object, and storage's errors, after which it has to be delivered again.
    package func ingest(_ event: [UInt8], from origin: EventOrigin) async throws {
        let payload = hideLinks(String(decoding: event, as: UTF8.self))
        let parsed = try read(Array(payload.utf8))
        let beginning = ContinuousClock.now
        let command = IngestEvent(event: parsed, payload: payload, receipts: origin.receipts(of: parsed), policy: policy)
        let ingestion = try await store.write(command.intent) { tx in try command.run(in: tx) }
        let kind = SESEvent.EventType(type: parsed.type)
        metrics.count(ingestion, kind)
        if let tracer { await trace(ingestion, kind, since: beginning, by: tracer) }
        log(ingestion, of: parsed, kind)
    }

    /// Keeps a message of a queue that is no event among the unmatched events, once however often it comes.
    ///
    /// - Parameter reason: why it is kept: a sentence.
    func keep(_ body: String, ofQueueMessage id: String, because reason: String) async throws {
        let receipt = EventOrigin.receipt(ofQueueMessage: id)
        // PostgreSQL cannot store NUL.
        let payload = hideLinks(body.utf8.contains(0) ? body.replacing("\0", with: "") : body)
        try await store.write(.event(EventIntent(messageID: nil, receipts: [receipt]))) { tx in
            guard try tx.receipts.insert(receipt) else { return }
            try tx.unmatchedEvents.insert(messageID: nil, kind: "unreadable", source: nil, payload: payload, reason: reason)
        }
    }

    private func read(_ event: [UInt8]) throws(Unreadable) -> SESEvent {
        do throws(SESEvent.Malformed) {
            return try SESEvent(parsing: event)
        } catch {
            throw Unreadable(explanation: error.explanation)
        }
    }

    /// Records an event in the trace of its email.
    private func trace(
        _ ingestion: Ingestion, _ kind: SESEvent.EventType?, since beginning: ContinuousClock.Instant, by tracer: SpanTracer
    ) async {
        guard let id = ingestion.emailID, let email = try? await store.read({ try $0.emails.find(id) }),
            let trace = email.content.trace, trace.isSampled
        else { return }
        let span = tracer.begin("event", .consumer, below: trace, ago: .now - beginning)
        span.set("email.id", id.description)
        span.set("event.type", kind?.rawValue ?? "other")
        span.finish()
    }

    private func log(_ ingestion: Ingestion, of event: SESEvent, _ kind: SESEvent.EventType?) {
        let type = kind?.rawValue ?? "other"
        logger.debug("SES event", metadata: ["event.type": "\(type)", "event.outcome": "\(ingestion.outcome.rawValue)"])
        if ingestion.outcome == .unknown {
            logger.notice("SES event of an unknown type kept", metadata: ["event.type": "\(event.type.prefix(64).debugDescription)"])
        }
        if let notice = ingestion.notice {
            logger.warning(
                "Account judged", metadata: ["notice.event": "\(notice.event.rawValue)", "notice.reason": "\(notice.explanation)"])
        }
        if let suspension = ingestion.suspension {
            logger.warning(
                "Domain suspended", metadata: ["domain.name": "\(suspension.domain)", "suspension.reason": "\(suspension.reason)"])
        }
    }
}

/// The rules for events: which recipients count, when a domain is suspended, when an account is warned or blocked.
struct FeedbackPolicy: Sendable {
    /// Which bounces and complaints count, and which addresses they suppress.
    var rules: FeedbackRules
    /// When a domain is suspended.
    var guillotine: Guillotine
    /// The thresholds by which accounts are judged.
    var reputation: Reputation
}
