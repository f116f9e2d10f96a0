import JSON
import MailModel
import Tracing

/// The JSON of spans for a collector (OpenTelemetry protocol, `ExportTraceServiceRequest`): ids in hexadecimal, times as text.
enum OTLPBody {
    /// Returns the body of a request.
    ///
    /// - Parameter resource: the attributes of this process.
    static func make(_ spans: [FinishedSpan], resource: [(String, String)]) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512 * spans.count + 512)
        writer.object { body in
            body.member("resourceSpans") { writer in
                writer.array { writer in
                    writer.object { object in
                        object.member("resource") { writer in
                            writer.object { write(resource.map { ($0, .string($1)) }, to: &$0) }
                        }
                        object.member("scopeSpans") { write(spans, to: &$0) }
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ spans: [FinishedSpan], to writer: inout JSONWriter) {
        writer.array { writer in
            writer.object { object in
                object.member("scope") { writer in writer.object { $0.member("name", "martlet") } }
                object.member("spans") { writer in
                    writer.array { array in
                        for span in spans { array.object { write(span, to: &$0) } }
                    }
                }
            }
        }
    }

    private static func write(_ span: FinishedSpan, to object: inout JSONWriter) {
        object.member("traceId", span.trace.traceID)
        object.member("spanId", span.trace.span)
        if let parent = span.parent { object.member("parentSpanId", TraceContext.text(parent)) }
        object.member("name", span.name)
        object.member("kind", number(of: span.kind))
        object.member("startTimeUnixNano", "\(span.startedAt)")
        object.member("endTimeUnixNano", "\(span.endedAt)")
        var attributes: [(String, SpanAttribute)] = []
        span.attributes.forEach { attributes.append(($0, $1)) }
        write(attributes, to: &object)
        if span.hasFailed { object.member("status") { writer in writer.object { $0.member("code", 2) } } }
    }

    /// The number of a kind in the protocol.
    private static func number(of kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }

    private static func write(_ attributes: [(String, SpanAttribute)], to object: inout JSONWriter) {
        object.member("attributes") { writer in
            writer.array { array in
                for (name, value) in attributes {
                    array.object { attribute in
                        attribute.member("key", name)
                        attribute.member("value") { writer in writer.object { write(value, to: &$0) } }
                    }
                }
            }
        }
    }

    private static func write(_ value: SpanAttribute, to object: inout JSONWriter) {
        switch value {
        case .string(let text): object.member("stringValue", text)
        case .int64(let number): object.member("intValue", "\(number)")
        // No others are set.
        default: object.member("stringValue", "")
        }
    }
}
