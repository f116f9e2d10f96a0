package import CoreMetrics
import Synchronization

/// The instruments of one metric, one for each combination of labels that happened; made once and kept, for making one takes a search.
package final class InstrumentTable<Labels: MetricLabels, Instrument: Sendable>: Sendable {
    private let make: @Sendable ([(String, String)]) -> Instrument
    private let made: Mutex<[Labels: Instrument]>

    fileprivate init(of beginning: [Labels] = [], make: @escaping @Sendable ([(String, String)]) -> Instrument) {
        self.make = make
        made = Mutex(Dictionary(beginning.map { ($0, make($0.dimensions)) }) { first, _ in first })
    }

    package subscript(_ labels: Labels) -> Instrument {
        made.withLock { made in
            if let instrument = made[labels] { return instrument }
            let instrument = make(labels.dimensions)
            made[labels] = instrument
            return instrument
        }
    }
}

extension InstrumentTable where Instrument == Counter {
    /// - Parameter beginning: those that are there with 0 from the start.
    package convenience init(_ name: String, _ factory: any MetricsFactory, from beginning: [Labels] = []) {
        self.init(of: beginning) { Counter(label: name, dimensions: $0, factory: factory) }
    }

    package func count(_ labels: Labels, _ amount: Int = 1) {
        self[labels].increment(by: amount)
    }
}

extension InstrumentTable where Instrument == Counter, Labels: MetricLabel {
    package convenience init(_ name: String, _ factory: any MetricsFactory) {
        self.init(name, factory, from: Array(Labels.allCases))
    }
}

extension InstrumentTable where Instrument == CoreMetrics.Timer {
    package convenience init(_ name: String, _ factory: any MetricsFactory) {
        self.init { CoreMetrics.Timer(label: name, dimensions: $0, factory: factory) }
    }

    package func record(_ labels: Labels, _ duration: Duration) {
        self[labels].record(duration)
    }
}

extension CoreMetrics.Timer {
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // What took three hundred years took three hundred years.
        recordNanoseconds(min(seconds, 9_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

package typealias CounterTable<Labels: MetricLabels> = InstrumentTable<Labels, Counter>
package typealias TimerTable<Labels: MetricLabels> = InstrumentTable<Labels, CoreMetrics.Timer>
