/// A metric as it is exported to Prometheus: its name, its type, its labels and a description.
package struct MetricFamily: Sendable, Equatable {
    /// The type of a metric.
    package enum Kind: Sendable, Equatable {
        /// A sum that only grows, from 0 at the start of the program.
        case counter
        /// A value that rises and falls.
        case gauge
        /// The numbers of values up to each bound.
        ///
        /// - Parameter bounds: the bounds, ascending, in the unit of the metric. `+Inf` is added to them.
        case histogram(bounds: [Double])

        /// The type in `# TYPE` lines and in the documentation.
        package var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// The name, with the unit, and with `_total` for a counter (Prometheus, "Metric and label naming").
    package let name: String
    /// The type.
    package let kind: Kind
    /// The names of the labels, in the order of their values.
    ///
    /// Labels have few values, and none that a client sent.
    package let labels: [String]
    /// The description, a sentence.
    package let help: String

    /// Creates a family.
    package init(_ name: String, _ kind: Kind, by labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}

extension MetricFamily.Kind {
    /// A histogram of durations, with bounds from one millisecond to ten seconds.
    package static let seconds = MetricFamily.Kind.histogram(bounds: [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ])
}
