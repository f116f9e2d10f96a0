import Database
import Metering

/// What a database could not do, as metrics tell it apart.
struct DatabaseFailure: MetricLabels {
    var code: DatabaseError.Code

    /// Those that come from outside: their series are there from the start.
    static let expected = [DatabaseError.Code.busy, .unavailable, .full].map(DatabaseFailure.init)

    var dimensions: [(String, String)] { [("code", code.rawValue)] }
}
