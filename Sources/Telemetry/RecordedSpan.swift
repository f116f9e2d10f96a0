package import MailModel
import Synchronization
package import Tracing

/// A span that goes to the exporter when it ends, where its trace is sampled.
package final class RecordedSpan: Span {
    private struct State {
        var name: String
        var attributes = SpanAttributes()
        var hasFailed = false
        var hasEnded = false
    }

    /// The place of the span in its trace.
    package let trace: TraceContext
    private let parent: TraceContext?
    private let kind: SpanKind
    private let startedAt: UInt64
    private let tracer: SpanTracer
    private let state: Mutex<State>

    init(_ name: String, _ trace: TraceContext, parent: TraceContext?, kind: SpanKind, startedAt: UInt64, tracer: SpanTracer) {
        self.trace = trace
        self.parent = parent
        self.kind = kind
        self.startedAt = startedAt
        self.tracer = tracer
        state = Mutex(State(name: name))
    }

    /// The context by which others go on below this span.
    package var context: ServiceContext { .traced(by: trace) }

    /// The name of the operation.
    package var operationName: String {
        get { state.withLock { $0.name } }
        set { state.withLock { $0.name = newValue } }
    }

    /// What is known of the operation: no addresses, no subjects, no tokens.
    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes = newValue } }
    }

    /// Whether the span is exported.
    package var isRecording: Bool { trace.isSampled }

    /// Sets whether the operation failed.
    package func setStatus(_ status: SpanStatus) {
        state.withLock { $0.hasFailed = status.code == .error }
    }

    /// Marks the span as failed; an error's text may name an address.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        setStatus(SpanStatus(code: .error))
    }

    /// Does nothing: events are not exported.
    package func addEvent(_ event: SpanEvent) {}

    /// Does nothing: links are not exported.
    package func addLink(_ link: SpanLink) {}

    /// Ends the span; a second end counts for nothing.
    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard trace.isSampled else { return }
        let end = instant().nanosecondsSinceEpoch
        let ended: State? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state
        }
        guard let ended else { return }
        tracer.add(
            FinishedSpan(
                name: ended.name, trace: trace, parent: parent?.spanID, kind: kind, startedAt: startedAt, endedAt: max(startedAt, end),
                attributes: ended.attributes, hasFailed: ended.hasFailed))
    }
}

extension RecordedSpan {
    /// Ends the span now.
    package func finish() { end() }

    /// Marks the operation as failed.
    package func fail() { setStatus(SpanStatus(code: .error)) }

    /// Sets what is known of the operation: no addresses, no subjects, no tokens.
    package func set(_ name: String, _ value: String) {
        state.withLock { $0.attributes[name] = value }
    }

    /// Sets a number that is known of the operation.
    package func set(_ name: String, _ value: Int64) {
        state.withLock { $0.attributes[name] = value }
    }

    /// The role of the program in an operation.
    package enum Role: Sendable {
        /// It answers a request.
        case server
        /// It calls another server.
        case client
        /// It takes in a message.
        case consumer
        /// Nobody else is concerned.
        case local

        var kind: SpanKind {
            switch self {
            case .server: .server
            case .client: .client
            case .consumer: .consumer
            case .local: .internal
            }
        }
    }
}

/// What is exported of a span; times in nanoseconds since 1970.
struct FinishedSpan: Sendable {
    var name: String
    var trace: TraceContext
    /// The span above; `nil` for the first of a trace.
    var parent: UInt64?
    var kind: SpanKind
    var startedAt: UInt64
    var endedAt: UInt64
    var attributes: SpanAttributes
    var hasFailed: Bool
}
