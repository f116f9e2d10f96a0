/// A value that is not counted as it happens but looked up when somebody asks: memory, connections, what waits.
package struct MetricSample: Sendable, Equatable {
    /// Of the family.
    package var name: String
    /// In the order of the family's labels.
    package var labels: [String]
    package var value: Double

    package init(_ name: String, _ value: Double, _ labels: [String] = []) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
