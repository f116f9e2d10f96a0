import CoreMetrics
import Database
import Metering

/// The metrics of the group commit.
struct CommitMetrics: Sendable {
    private let sizes: Recorder
    private let durations: CoreMetrics.Timer
    private let apart: Counter
    private let refused: Counter

    init(_ factory: any MetricsFactory) {
        sizes = Recorder(label: "martlet_commit_commands", dimensions: [], aggregate: true, factory: factory)
        durations = CoreMetrics.Timer(label: "martlet_commit_duration_seconds", dimensions: [], factory: factory)
        apart = Counter(label: "martlet_commits_apart_total", dimensions: [], factory: factory)
        refused = Counter(label: "martlet_writes_refused_total", dimensions: [], factory: factory)
    }

    /// Records a batch, whether or not it was committed.
    func record(_ commands: Int, since beginning: ContinuousClock.Instant) {
        sizes.record(commands)
        durations.record(.now - beginning)
    }

    func countApart() {
        apart.increment()
    }

    func countRefused(_ commands: Int) {
        refused.increment(by: commands)
    }
}

/// The label of a database's failures.
struct DatabaseFailure: MetricLabels {
    var code: DatabaseError.Code

    /// The failures with an outside cause, whose series exist from the start.
    static let expected = [DatabaseError.Code.busy, .unavailable, .full].map(DatabaseFailure.init)

    var dimensions: [(String, String)] { [("code", code.rawValue)] }
}
