package import CoreMetrics
import Synchronization

/// The backend of swift-metrics, which stores the values for Prometheus.
///
/// The families are given at the start. Instruments of another name, with other labels, or beyond ``mostSeries`` count nothing: memory is
/// bounded.
package final class MetricsRegistry: MetricsFactory {
    /// The largest number of series of one metric.
    ///
    /// Routes by method and status have the most, a few hundred.
    static let mostSeries = 2000

    let families: [MetricFamily]
    private let entries: [String: Entry]

    private final class Entry: Sendable {
        let family: MetricFamily
        let series = Mutex<[[String]: any Series]>([:])

        init(_ family: MetricFamily) {
            self.family = family
        }
    }

    /// Creates a registry without values.
    package init(_ families: [MetricFamily]) {
        self.families = families
        entries = Dictionary(uniqueKeysWithValues: families.map { ($0.name, Entry($0)) })
    }

    /// Returns all series of a family, sorted by the values of their labels.
    func series(of family: MetricFamily) -> [(values: [String], points: [Point])] {
        guard let entry = entries[family.name] else { return [] }
        return entry.series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value.points) }
    }

    /// Returns the counter of a series; one that counts nothing, unless the metric is a counter with these labels.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(CounterSeries.self, label, dimensions) { $0 == .counter ? CounterSeries() : nil } ?? NOOPMetricsHandler.instance
    }

    /// Returns the gauge or histogram of a series; one that records nothing, unless the metric is one of them with these labels.
    ///
    /// - Parameter aggregate: ignored, since the family says whether it is a histogram.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        switch entries[label]?.family.kind {
        case .gauge?: find(GaugeSeries.self, label, dimensions) { _ in GaugeSeries() } ?? NOOPMetricsHandler.instance
        case .histogram?: histogram(label, dimensions) ?? NOOPMetricsHandler.instance
        case .counter?, nil: NOOPMetricsHandler.instance
        }
    }

    /// Returns the histogram of a series, in seconds; one that records nothing, unless the metric is a histogram with these labels.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)]) -> HistogramSeries? {
        find(HistogramSeries.self, name, dimensions) { kind in
            guard case .histogram(let bounds) = kind else { return nil }
            return HistogramSeries(bounds: bounds)
        }
    }

    private func find<Kind: Series>(
        _ type: Kind.Type, _ name: String, _ dimensions: [(String, String)], make: (MetricFamily.Kind) -> Kind?
    ) -> Kind? {
        guard let entry = entries[name], dimensions.map(\.0) == entry.family.labels else { return nil }
        return entry.series.withLock { series in
            let values = dimensions.map(\.1)
            if let known = series[values] { return known as? Kind }
            guard series.count < Self.mostSeries, let new = make(entry.family.kind) else { return nil }
            series[values] = new
            return new
        }
    }

    /// Does nothing: a counter must not fall, also when its instrument is destroyed.
    package func destroyCounter(_ handler: any CounterHandler) {}

    /// Does nothing: the values stay.
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Does nothing: the values stay.
    package func destroyTimer(_ handler: any TimerHandler) {}
}
