public import Metering

/// Every metric of the program: `docs/monitoring.md` is this list, and what is counted under another name is counted nowhere.
public enum MetricCatalogue {
    public static let families = http + policy + process

    private static let http = [
        MetricFamily(
            "martlet_http_requests_total", .counter, by: ["method", "route", "status"],
            "Requests answered, by route (`-`: none) and class of the status."),
        MetricFamily(
            "martlet_http_request_duration_seconds", .seconds, by: ["method", "route"],
            "From the head of a request to the head of its answer."),
    ]

    private static let policy = [
        MetricFamily(
            "martlet_policy_decisions_total", .counter, by: ["action", "reason"],
            "Answers to mail servers, by what they were told and why.")
    ]

    /// Names as Prometheus's own clients have them.
    private static let process = [
        MetricFamily("process_start_time_seconds", .gauge, "When the program started, in seconds since 1970."),
        MetricFamily("process_cpu_seconds_total", .counter, "Processor time used, of the program and of the system for it."),
        MetricFamily("process_resident_memory_bytes", .gauge, "Memory in use."),
        MetricFamily("process_open_fds", .gauge, "Open files and connections."),
        MetricFamily("process_max_fds", .gauge, "The most files and connections that may be open."),
        MetricFamily("martlet_build_info", .gauge, by: ["version"], "Always 1; the version is the label."),
    ]
}
