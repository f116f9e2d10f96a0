package import CoreMetrics
import Synchronization

/// The labels by which the series of a metric differ.
///
/// They have few values, whatever clients send.
package protocol MetricLabels: Hashable, Sendable {
    /// The names and values, in the order of ``MetricFamily/labels``.
    var dimensions: [(String, String)] { get }
}

/// A single label whose values are all known.
///
/// Its series exist from the start, so that the first event is seen as an increase from 0.
package protocol MetricLabel: MetricLabels, CaseIterable, RawRepresentable<String> {
    /// The name of the label.
    static var name: String { get }
}

extension MetricLabel {
    /// The label with its value.
    package var dimensions: [(String, String)] { [(Self.name, rawValue)] }
}

/// The counters of one metric, by their labels.
package typealias CounterTable<Labels: MetricLabels> = InstrumentTable<Labels, Counter>

/// The timers of one metric, by their labels.
package typealias TimerTable<Labels: MetricLabels> = InstrumentTable<Labels, CoreMetrics.Timer>

/// The instruments of one metric, one for each combination of labels in use.
///
/// They are cached, since creating one takes a search.
package final class InstrumentTable<Labels: MetricLabels, Instrument: Sendable>: Sendable {
    private let create: @Sendable ([(String, String)]) -> Instrument
    private let instruments: Mutex<[Labels: Instrument]>

    fileprivate init(initial: [Labels] = [], create: @escaping @Sendable ([(String, String)]) -> Instrument) {
        self.create = create
        instruments = Mutex(Dictionary(initial.map { ($0, create($0.dimensions)) }) { first, _ in first })
    }

    /// The instrument of these labels, which is created on first use.
    package subscript(_ labels: Labels) -> Instrument {
        instruments.withLock { instruments in
            if let instrument = instruments[labels] { return instrument }
            let instrument = create(labels.dimensions)
            instruments[labels] = instrument
            return instrument
        }
    }
}

extension InstrumentTable where Instrument == Counter {
    /// Creates the counters of a metric.
    ///
    /// - Parameters:
    ///   - name: the name of the metric's family.
    ///   - factory: the metrics backend.
    ///   - initial: the labels of the series that exist from the start, with the value 0.
    package convenience init(_ name: String, _ factory: any MetricsFactory, from initial: [Labels] = []) {
        self.init(initial: initial) { Counter(label: name, dimensions: $0, factory: factory) }
    }

    /// Increments a counter.
    package func count(_ labels: Labels, _ amount: Int = 1) {
        self[labels].increment(by: amount)
    }
}

extension InstrumentTable where Instrument == Counter, Labels: MetricLabel {
    /// Creates the counters of a metric, one for each value of its label, with the value 0.
    package convenience init(_ name: String, _ factory: any MetricsFactory) {
        self.init(name, factory, from: Array(Labels.allCases))
    }
}

extension InstrumentTable where Instrument == CoreMetrics.Timer {
    /// Creates the timers of a metric.
    package convenience init(_ name: String, _ factory: any MetricsFactory) {
        self.init { CoreMetrics.Timer(label: name, dimensions: $0, factory: factory) }
    }

    /// Records a duration.
    package func record(_ labels: Labels, _ duration: Duration) {
        self[labels].record(duration)
    }
}

extension CoreMetrics.Timer {
    /// Records a duration.
    ///
    /// Longer ones than 9,000,000,000 seconds, for which nanoseconds would overflow, count as that.
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(min(seconds, 9_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
