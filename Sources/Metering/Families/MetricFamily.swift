/// A metric as it is told to Prometheus: its name, what it counts, and what its series differ in.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Only grows, until the program starts anew.
        case counter
        case gauge
        /// How many values were no greater than each bound.
        ///
        /// - Parameter bounds: ascending, in the metric's unit. A last one, of all values, is added to them.
        case histogram(bounds: [Double])

        /// As `# TYPE` and the documentation call it.
        package var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// With the unit, and `_total` behind that of a counter (Prometheus: "Metric and label naming").
    package let name: String
    package let kind: Kind
    /// Names of labels, in the order in which they are written. Their values are of a few words, never what somebody sent.
    package let labels: [String]
    /// A sentence for people.
    package let help: String

    package init(_ name: String, _ kind: Kind, by labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }
}

extension MetricFamily.Kind {
    /// Bounds for what people or programs wait for: a millisecond to ten seconds.
    package static let seconds = MetricFamily.Kind.histogram(bounds: [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ])
}
