/// The measured answers of a daemon.
struct Measured: Sendable {
    /// The latency of each answer, in microseconds.
    private var latencies: [Int64] = []
    private var actions: [String: Int] = [:]
    /// The number of connections that failed or ended.
    var broken = 0

    /// Adds an answer.
    mutating func add(_ action: String, took time: Duration) {
        latencies.append(time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000)
        actions[action, default: 0] += 1
    }

    /// Adds the answers of another connection.
    mutating func add(_ other: Measured) {
        latencies += other.latencies
        actions.merge(other.actions, uniquingKeysWith: +)
        broken += other.broken
    }

    /// Returns the result as JSON.
    ///
    /// - Parameter seconds: the duration of the measurement.
    func json(seconds: Double) -> String {
        let sorted = latencies.sorted()
        let counts = actions.map { "\"\($0.key)\": \($0.value)" }.sorted().joined(separator: ", ")
        return """
            {"requests": \(sorted.count), "rate": \(Double(sorted.count) / seconds), "p50_ms": \(percentile(50, of: sorted)), \
            "p99_ms": \(percentile(99, of: sorted)), "broken": \(broken), "actions": {\(counts)}}
            """
    }

    private func percentile(_ percent: Int, of sorted: [Int64]) -> Double {
        sorted.isEmpty ? 0 : Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1000
    }
}
