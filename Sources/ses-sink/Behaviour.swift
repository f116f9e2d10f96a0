import ArgumentParser

/// How the sink answers: its pace, its limits and its faults. Given as options and changed at run time by `POST /_control`.
///
/// Percentages are chances per request, from 0 to 100.
struct Behaviour: ParsableArguments {
    @Option(help: "Time between acceptance and answer, in milliseconds.")
    var latencyMs = 0

    @Option(help: "Accepted messages a second; more are answered with Throttling. 0 is unlimited.")
    var rate = 0

    @Option(help: "MaxSendRate as GetSendQuota tells it.")
    var maxSendRate = 100_000

    @Option(help: "Max24HourSend as GetSendQuota tells it; more are answered with Throttling.")
    var dailyQuota = 100_000_000

    @Option(help: "Requests answered with Throttling.")
    var throttlePercent = 0

    @Option(help: "Requests answered with 500 or 503.")
    var errorPercent = 0

    @Option(help: "Requests whose connection is closed before the message is accepted.")
    var dropBeforePercent = 0

    @Option(help: "Requests whose connection is closed after the message was accepted.")
    var dropAfterPercent = 0

    @Option(help: "1: a policy denies the identities whose names begin with `denied`.")
    var denyIdentities = 0
}
