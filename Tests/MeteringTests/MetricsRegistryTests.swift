import CoreMetrics
import Testing

@testable import Metering

struct MetricsRegistryTests {
    private let registry = MetricsRegistry([
        MetricFamily("mail_total", .counter, by: ["kind", "way"], "Mail."), MetricFamily("depth", .gauge, "Depth."),
        MetricFamily("size", .histogram(bounds: [1, 10]), "Sizes."), MetricFamily("wait_seconds", .histogram(bounds: [0.5]), "Waits."),
    ])

    private var lines: [String] {
        MetricsReport(registry).text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `instruments with the same labels share a series`() {
        for _ in 0..<2 {
            Counter(label: "mail_total", dimensions: [("kind", "a"), ("way", "in")], factory: registry).increment(by: 2)
        }
        Counter(label: "mail_total", dimensions: [("kind", "a"), ("way", "out")], factory: registry).increment(by: 0)
        #expect(lines.filter { $0.hasPrefix("mail") } == [#"mail_total{kind="a",way="in"} 4"#, #"mail_total{kind="a",way="out"} 0"#])
    }

    @Test func `a counter never falls`() {
        let counter = Counter(label: "mail_total", dimensions: [("kind", "a"), ("way", "in")], factory: registry)
        counter.increment(by: 3)
        counter.increment(by: -2)
        #expect(lines.contains(#"mail_total{kind="a",way="in"} 3"#))
    }

    @Test func `a gauge has its last value, and no line before the first`() {
        let gauge = Gauge(label: "depth", dimensions: [], factory: registry)
        #expect(!lines.contains { $0.hasPrefix("depth") })
        gauge.record(5)
        gauge.record(2.5)
        #expect(lines.contains("depth 2.5"))
    }

    @Test func `a histogram counts values up to and including each bound`() {
        let sizes = Recorder(label: "size", dimensions: [], aggregate: true, factory: registry)
        for size in [0.5, 1, 1.5, 10, 11] { sizes.record(size) }
        #expect(
            lines.filter { $0.hasPrefix("size") } == [
                #"size_bucket{le="1"} 2"#, #"size_bucket{le="10"} 4"#, #"size_bucket{le="+Inf"} 5"#, "size_sum 24", "size_count 5",
            ])
    }

    @Test func `timers are written in seconds`() {
        CoreMetrics.Timer(label: "wait_seconds", dimensions: [], factory: registry).recordNanoseconds(250_000_000 as Int64)
        #expect(lines.contains("wait_seconds_sum 0.25"))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.5"} 1"#))
    }

    @Test(arguments: [
        ("other_total", [("kind", "a"), ("way", "in")]), ("mail_total", [("kind", "a")]), ("mail_total", [("way", "in"), ("kind", "a")]),
        ("depth", []),
    ])
    func `another name or other labels count nothing`(name: String, dimensions: [(String, String)]) {
        Counter(label: name, dimensions: dimensions, factory: registry).increment()
        #expect(lines == [])
    }

    @Test func `the number of series of a metric is bounded`() {
        for number in 0...MetricsRegistry.mostSeries {
            Counter(label: "mail_total", dimensions: [("kind", "\(number)"), ("way", "in")], factory: registry).increment()
        }
        #expect(lines.count == MetricsRegistry.mostSeries)
    }

    @Test func `no value is lost when tasks count concurrently`() async {
        let counter = Counter(label: "mail_total", dimensions: [("kind", "a"), ("way", "in")], factory: registry)
        let sizes = Recorder(label: "size", dimensions: [], aggregate: true, factory: registry)
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        sizes.record(3)
                    }
                }
            }
        }
        #expect(lines.contains(#"mail_total{kind="a",way="in"} 8000"#))
        #expect(lines.contains("size_sum 24000"))
    }
}
