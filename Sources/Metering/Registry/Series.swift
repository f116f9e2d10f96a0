import CoreMetrics
import Synchronization

/// What one series has counted. All of them are cheap to write: an atomic word, or a lock that nobody holds for long.
protocol Series: AnyObject, Sendable {
    /// What is written of it: a part of the name behind the family's, a bound where there is one, a value.
    var points: [Point] { get }
}

/// A line of a series.
struct Point: Equatable {
    /// `_bucket`, `_sum` and `_count` of histograms.
    var suffix = ""
    /// The value of `le`.
    var bound: Double?
    var value: Double
}

final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        // A counter never falls; what would let it overflow does not happen in the life of a program.
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// Prometheus takes a fall for a new start of the program: nothing here ever asks for it.
    func reset() {
        count.store(0, ordering: .relaxed)
    }

    var points: [Point] { [Point(value: Double(count.load(ordering: .relaxed)))] }
}

/// The last value. Nothing is written of one that was never set.
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

final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    private struct State {
        /// How many values fell between each bound and the one before; the last are above all bounds.
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
