import ArgumentParser

/// The behaviour of the sink: its latency, limits and faults.
///
/// Given as options, and changed at run time by `POST /_control`.
///
/// Percentages are probabilities for each request, from 0 to 100.
struct Behaviour: ParsableArguments {
    @Option(help: "Time between acceptance and answer, in milliseconds.")
    var latencyMs = 0

    @Option(help: "Accepted messages a second; more are answered with TooManyRequestsException. 0 is unlimited.")
    var rate = 0

    @Option(help: "MaxSendRate as GetAccount returns it.")
    var maxSendRate = 100_000

    @Option(help: "Max24HourSend as GetAccount returns it; more are answered with LimitExceededException.")
    var dailyQuota = 100_000_000

    @Option(help: "Requests answered with TooManyRequestsException.")
    var throttlePercent = 0

    @Option(help: "Requests answered with 500 or 503.")
    var errorPercent = 0

    @Option(help: "Requests whose connection is closed before the message is accepted.")
    var dropBeforePercent = 0

    @Option(help: "Requests whose connection is closed after the message was accepted.")
    var dropAfterPercent = 0

    @Option(help: "1: a policy denies the identities whose names begin with `denied`.")
    var denyIdentities = 0

    @Option(help: "1: the account is paused.")
    var pauseAccount = 0

    @Option(help: "1: the account is in the sandbox.")
    var sandbox = 0

    @Option(help: "1: the policy of rights lacks GetAccount.")
    var denyAccount = 0

    @Option(help: "The most tenants; CreateTenant of a further one is answered with LimitExceededException.")
    var tenantLimit = 10_000
}

extension Behaviour {
    /// Sets fields by their names, as `POST /_control` has them.
    ///
    /// - Throws: ``UnknownField``; then nothing is changed.
    mutating func apply(_ changes: [String: Int]) throws {
        var changed = self
        for (name, value) in changes {
            guard let field = Self.fields[name] else { throw UnknownField(name: name) }
            changed[keyPath: field] = value
        }
        self = changed
    }

    /// All fields by their names, as `POST /_control` answers them.
    var byName: [String: Int] {
        Self.fields.mapValues { self[keyPath: $0] }
    }

    /// A name that is no field.
    struct UnknownField: Error {
        let name: String
    }

    private static let fields: [String: any WritableKeyPath<Behaviour, Int> & Sendable] = [
        "latencyMs": \.latencyMs,
        "rate": \.rate,
        "maxSendRate": \.maxSendRate,
        "dailyQuota": \.dailyQuota,
        "throttlePercent": \.throttlePercent,
        "errorPercent": \.errorPercent,
        "dropBeforePercent": \.dropBeforePercent,
        "dropAfterPercent": \.dropAfterPercent,
        "denyIdentities": \.denyIdentities,
        "pauseAccount": \.pauseAccount,
        "sandbox": \.sandbox,
        "denyAccount": \.denyAccount,
        "tenantLimit": \.tenantLimit,
    ]
}

/// An injected failure.
enum Fault: String, Sendable {
    /// An answer with the code `TooManyRequestsException`.
    case throttle
    /// An answer of 500 or 503.
    case error
    /// The connection is closed before the message is accepted.
    case dropBefore
    /// The connection is closed after the message was accepted.
    case dropAfter

    /// Returns the random fault of a request; `nil` for none.
    static func drawn(from behaviour: Behaviour) -> Fault? {
        var roll = Int.random(in: 0..<100)
        for (fault, percent) in behaviour.chances {
            if roll < percent { return fault }
            roll -= percent
        }
        return nil
    }
}

extension Behaviour {
    fileprivate var chances: [(Fault, Int)] {
        [(.throttle, throttlePercent), (.error, errorPercent), (.dropBefore, dropBeforePercent), (.dropAfter, dropAfterPercent)]
    }
}
