import CoreMetrics
import Synchronization

/// The values of one series.
///
/// Writing is cheap: an atomic word, or a lock that is held for a moment.
protocol Series: AnyObject, Sendable {
    /// The lines of the series in the exposition format.
    var points: [Point] { get }
}

/// A line of a series.
struct Point: Equatable {
    /// The suffix of the name: `_bucket`, `_sum` or `_count` of a histogram, else none.
    var suffix = ""
    /// The value of the label `le`, where there is one.
    var bound: Double?
    var value: Double
}

/// A sum that only grows.
final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        // A counter never falls. It does not overflow within the life of a program.
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Required by the protocol, and not called by this program: Prometheus takes a fall for a restart.
    func reset() {
        count.store(0, ordering: .relaxed)
    }

    var points: [Point] { [Point(value: Double(count.load(ordering: .relaxed)))] }
}

/// The last value of a gauge.
///
/// A gauge without a value has no line.
final class GaugeSeries: Series, RecorderHandler {
    private let bits = Atomic<UInt64>(Double.nan.bitPattern)

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    var points: [Point] {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        return value.isNaN ? [] : [Point(value: value)]
    }
}

/// The numbers of values up to each bound, and their sum.
final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    private struct State {
        /// The number of values between each bound and the one before; last, those above all bounds.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1e9)
    }

    var points: [Point] {
        let state = state.withLock { $0 }
        var total: Int64 = 0
        var points = zip(bounds + [.infinity], state.counts).map { bound, count in
            total += count
            return Point(suffix: "_bucket", bound: bound, value: Double(total))
        }
        points.append(Point(suffix: "_sum", value: state.sum))
        points.append(Point(suffix: "_count", value: Double(total)))
        return points
    }
}
