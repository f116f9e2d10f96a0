import Testing

@testable import Metering

struct PrometheusTextTests {
    @Test func `a family begins with its help and type`() {
        var text = PrometheusText()
        text.begin(MetricFamily("a_total", .counter, by: [], "Backslash \\, quote \", line\nend."))
        text.add(Point(value: 7), of: MetricFamily("a_total", .counter, ""), [])
        #expect(text.text == "# HELP a_total Backslash \\\\, quote \", line\\nend.\n# TYPE a_total counter\na_total 7\n")
    }

    @Test func `values of labels are escaped`() {
        var text = PrometheusText()
        text.add(Point(value: 1), of: MetricFamily("a", .gauge, by: ["b", "c"], ""), ["x\"y\\z\nü", "é"])
        #expect(text.text == "a{b=\"x\\\"y\\\\z\\nü\",c=\"é\"} 1\n")
    }

    @Test(arguments: [
        (0.0, "0"), (-3, "-3"), (1_763_000_000, "1763000000"), (0.1, "0.1"), (1e300, "1e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        (.nan, "NaN"), (2.5e-05, "2.5e-05"),
    ])
    func `numbers are written as Go parses them`(value: Double, text: String) {
        #expect(PrometheusText.number(value) == text)
    }

    @Test func `samples are written with their families`() {
        let families = [MetricFamily("a", .gauge, by: ["b"], "A."), MetricFamily("c", .gauge, "C.")]
        let report = MetricsReport(MetricsRegistry(families), samplers: [{ [MetricSample("c", 1)] }, { [MetricSample("a", 2, ["x"])] }])
        #expect(report.text == "# HELP a A.\n# TYPE a gauge\na{b=\"x\"} 2\n# HELP c C.\n# TYPE c gauge\nc 1\n")
    }
}
