package import CoreMetrics
import Synchronization

/// Keeps what the program counts, for Prometheus to read: the backend of swift-metrics.
///
/// It knows beforehand which metrics there are. What is counted under another name, with other labels, or beyond ``mostSeries`` is
/// counted nowhere: memory is bounded, whatever happens.
package final class MetricsRegistry: MetricsFactory {
    /// The most series of one metric. Routes by method and status are the most there is, a few hundred.
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

    package init(_ families: [MetricFamily]) {
        self.families = families
        entries = Dictionary(uniqueKeysWithValues: families.map { ($0.name, Entry($0)) })
    }

    /// All series of a family, by the values of their labels, in an order that stays.
    func series(of family: MetricFamily) -> [(values: [String], points: [Point])] {
        guard let entry = entries[family.name] else { return [] }
        return entry.series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value.points) }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(CounterSeries.self, label, dimensions) { $0 == .counter ? CounterSeries() : nil } ?? NOOPMetricsHandler.instance
    }

    /// - Parameter aggregate: is not looked at: the family knows whether it is a histogram.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        switch entries[label]?.family.kind {
        case .gauge?: find(GaugeSeries.self, label, dimensions) { _ in GaugeSeries() } ?? NOOPMetricsHandler.instance
        case .histogram?: histogram(label, dimensions) ?? NOOPMetricsHandler.instance
        case .counter?, nil: NOOPMetricsHandler.instance
        }
    }

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

    // What was counted stays, also when nobody counts it any more.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
