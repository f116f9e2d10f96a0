/// A value that is not counted as it happens, but read when the metrics are requested: memory, connections, queue lengths.
package struct MetricSample: Sendable, Equatable {
    /// The name of the family.
    package var name: String
    /// The values of the family's labels, in their order.
    package var labels: [String]
    /// The value, in the unit of the family.
    package var value: Double

    /// Creates a sample.
    package init(_ name: String, _ value: Double, _ labels: [String] = []) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// The metrics of the program in the form that Prometheus reads.
package struct MetricsReport: Sendable {
    /// A function that returns present values, without waiting for anything.
    package typealias Sampler = @Sendable () -> [MetricSample]

    /// The media type of ``text``: the text exposition format, version 0.0.4.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let registry: MetricsRegistry
    private let samplers: [Sampler]

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - registry: the families, in their order, and what was counted of them.
    ///   - samplers: the samplers. Samples of other families are left out.
    package init(_ registry: MetricsRegistry, samplers: [Sampler] = []) {
        self.registry = registry
        self.samplers = samplers
    }

    /// The present values of all families.
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
