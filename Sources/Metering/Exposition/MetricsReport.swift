/// Everything there is to read, as Prometheus reads it.
package struct MetricsReport: Sendable {
    /// Looks values up at once, without waiting for anything.
    package typealias Sampler = @Sendable () -> [MetricSample]

    /// Of ``text``: the text exposition format, version 0.0.4.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let registry: MetricsRegistry
    private let samplers: [Sampler]

    package init(_ registry: MetricsRegistry, samplers: [Sampler] = []) {
        self.registry = registry
        self.samplers = samplers
    }

    package var text: String {
        let samples = Dictionary(grouping: samplers.flatMap { $0() }, by: \.name)
        var text = PrometheusText()
        for family in registry.families {
            text.begin(family)
            for series in registry.series(of: family) {
                for point in series.points { text.add(point, of: family, series.values) }
            }
            for sample in samples[family.name] ?? [] { text.add(Point(value: sample.value), of: family, sample.labels) }
        }
        return text.text
    }
}
