/// A value that is not counted as it happens but looked up when somebody asks: memory, connections, what waits.
public struct MetricSample: Sendable, Equatable {
    /// Of the family.
    public var name: String
    /// In the order of the family's labels.
    public var labels: [String]
    public var value: Double

    public init(_ name: String, _ value: Double, _ labels: [String] = []) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
