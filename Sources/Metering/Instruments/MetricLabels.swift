/// What the series of a metric differ in. Its values are few, whatever is sent to us.
package protocol MetricLabels: Hashable, Sendable {
    /// Names and values, in the order of ``MetricFamily/labels``.
    var dimensions: [(String, String)] { get }
}

/// One label whose values are known beforehand: all its series exist from the start, so that a first event is seen as a rise from 0.
package protocol MetricLabel: MetricLabels, CaseIterable, RawRepresentable<String> {
    static var name: String { get }
}

extension MetricLabel {
    package var dimensions: [(String, String)] { [(Self.name, rawValue)] }
}
