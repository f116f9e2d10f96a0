package import MailModel
import Synchronization
package import Tracing

/// The tracer of the program: spans that are sampled wait in a bounded queue for the exporter.
///
/// A program without an endpoint has none, and pays nothing.
package final class SpanTracer: Tracer {
    /// The most spans that wait: with 1 KiB each, 4 MiB.
    package static let capacity = 4096

    /// What waits for the exporter.
    private struct Queue {
        var spans: [FinishedSpan] = []
        var dropped: Int64 = 0
    }

    private let ratio: Double
    private let queue = Mutex(Queue())

    /// - Parameter ratio: the part of the traces that begin here which is recorded, from 0 to 1. Traces of others are recorded where they
    ///   say so.
    package init(ratio: Double) {
        self.ratio = ratio
    }

    /// Begins a span: below the one in the context, or as the first of a new trace.
    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        let parent = context().trace
        let trace = parent?.child() ?? .root(isSampled: Double.random(in: 0..<1) < ratio)
        return RecordedSpan(
            operationName, trace, parent: parent, kind: kind, startedAt: instant().nanosecondsSinceEpoch, tracer: self)
    }

    /// Begins a span of an operation that belongs to a trace, or begins one.
    ///
    /// - Parameter ago: how long the operation has been going on.
    package func begin(_ name: String, _ role: RecordedSpan.Role, below parent: TraceContext?, ago: Duration = .zero) -> RecordedSpan {
        let (seconds, attoseconds) = ago.components
        let before = UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        let now = DefaultTracerClock.now.nanosecondsSinceEpoch
        return startSpan(
            name, context: ServiceContext.traced(by: parent), ofKind: role.kind,
            at: WallTime(nanosecondsSinceEpoch: now - min(before, now)))
    }

    /// Reads `traceparent`.
    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        context.trace = extractor.extract(key: "traceparent", from: carrier).flatMap(TraceContext.init(traceparent:)) ?? context.trace
    }

    /// Writes `traceparent`.
    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let trace = context.trace { injector.inject(trace.description, forKey: "traceparent", into: &carrier) }
    }

    /// Does nothing: the exporter sends what waits within a second.
    package func forceFlush() {}

    func add(_ span: FinishedSpan) {
        queue.withLock { queue in
            if queue.spans.count < Self.capacity { queue.spans.append(span) } else { queue.dropped += 1 }
        }
    }

    /// Removes up to `limit` spans, the oldest first, and the count of those that found no place since the last call.
    func drain(upTo limit: Int) -> (spans: [FinishedSpan], dropped: Int64) {
        queue.withLock { queue in
            let spans = Array(queue.spans.prefix(limit))
            queue.spans.removeFirst(spans.count)
            defer { queue.dropped = 0 }
            return (spans, queue.dropped)
        }
    }
}

/// A time of the wall clock.
private struct WallTime: TracerInstant {
    var nanosecondsSinceEpoch: UInt64

    static func < (one: WallTime, other: WallTime) -> Bool { one.nanosecondsSinceEpoch < other.nanosecondsSinceEpoch }
}

extension ServiceContext {
    private enum TraceKey: ServiceContextKey {
        typealias Value = TraceContext
    }

    /// The place in a trace; `nil` for none.
    package var trace: TraceContext? {
        get { self[TraceKey.self] }
        set { self[TraceKey.self] = newValue }
    }

    /// A context with a place in a trace.
    package static func traced(by trace: TraceContext?) -> ServiceContext {
        var context = ServiceContext.topLevel
        context.trace = trace
        return context
    }
}
