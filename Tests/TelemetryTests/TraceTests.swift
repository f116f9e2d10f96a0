import JSON
import MailModel
import Testing

@testable import Telemetry

struct TraceTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// W3C Trace Context, section 3.2.2; what it says to ignore is no context.
    @Test(arguments: [
        (parent, true), ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01", false), ("", false), ("00", false),
    ])
    func `a traceparent is read as the recommendation says`(text: String, isValid: Bool) {
        let context = TraceContext(traceparent: text)
        #expect((context != nil) == isValid)
        if isValid, text.hasPrefix("00") { #expect(context?.description == text) }
    }

    @Test func `a trace of others goes on, one of our own is sampled by the ratio`() throws {
        let parent = try #require(TraceContext(traceparent: Self.parent))
        let none = SpanTracer(ratio: 0)
        let child = none.begin("a", .server, below: parent)
        #expect(child.trace.traceID == parent.traceID && child.trace.spanID != parent.spanID && child.isRecording)
        #expect(!none.begin("a", .server, below: nil).isRecording)
        #expect(SpanTracer(ratio: 1).begin("a", .server, below: nil).isRecording)
    }

    @Test func `the queue is bounded, and counts what finds no place`() {
        let tracer = SpanTracer(ratio: 1)
        for _ in 0..<(SpanTracer.capacity + 10) { tracer.begin("a", .local, below: nil).finish() }
        let drained = tracer.drain(upTo: SpanTracer.capacity + 10)
        #expect(drained.spans.count == SpanTracer.capacity && drained.dropped == 10)
        #expect(tracer.drain(upTo: 1).dropped == 0)
    }

    @Test func `a span is exported as the protocol has it, once`() throws {
        let parent = try #require(TraceContext(traceparent: Self.parent))
        let tracer = SpanTracer(ratio: 0)
        let span = tracer.begin("POST /emails", .server, below: parent, ago: .seconds(2))
        span.set("http.route", "/emails")
        span.set("http.response.status_code", 503)
        span.fail()
        span.finish()
        span.finish()
        let spans = tracer.drain(upTo: 10).spans
        #expect(spans.count == 1 && spans.allSatisfy { $0.endedAt - $0.startedAt >= 2_000_000_000 })
        let text = String(decoding: OTLPBody.make(spans, resource: [("service.name", "martlet")]), as: UTF8.self)
        for part in [
            #""traceId":"4bf92f3577b34da6a3ce929d0e0e4736""#, #""parentSpanId":"00f067aa0ba902b7""#, #""kind":2"#, #""code":2"#,
            #""key":"http.response.status_code","value":{"intValue":"503"}"#, #""key":"service.name","value":{"stringValue":"martlet"}"#,
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(throws: Never.self) { try JSONValue.parse(text.utf8) }
    }
}
