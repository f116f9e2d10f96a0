package import Metering

/// Every metric of the program, as `docs/monitoring.md` lists them.
///
/// Under other names nothing is counted.
package enum MetricCatalogue {
    /// The families, in the order of the documentation.
    package static let families = http + emails + feedback + callbacks + policy + storage + tracing + process

    private static let http = [
        MetricFamily(
            "martlet_http_requests_total", .counter, by: ["method", "route", "status"],
            "Requests answered, by route (`-`: none) and class of the status."),
        MetricFamily(
            "martlet_http_request_duration_seconds", .seconds, by: ["method", "route"],
            "From the head of a request to the head of its answer."),
    ]

    private static let emails = [
        MetricFamily("martlet_emails_accepted_total", .counter, by: ["status"], "Emails taken in, by their first status."),
        MetricFamily(
            "martlet_emails_refused_total", .counter, by: ["reason"],
            "Emails not taken in: a value that cannot be, a sender or recipient that may not be, a block, a quota, an `Idempotency-Key` used twice."
        ),
        MetricFamily(
            "martlet_emails_due", .gauge,
            "Emails that could go now and have not; 10000 stands for that many and more. The same on every node."),
        MetricFamily(
            "martlet_emails_oldest_due_age_seconds", .gauge,
            "How long the email that is due longest has been due; 0 where none is. The same on every node."),
        MetricFamily("martlet_sends_total", .counter, by: ["outcome"], "Attempts to hand an email to the provider, by what came of them."),
        MetricFamily("martlet_sends_throttled_total", .counter, "Attempts after which the provider asked for a slower pace."),
        MetricFamily("martlet_send_duration_seconds", .seconds, "A call of the provider, until its answer."),
        MetricFamily(
            "martlet_sending_parked", .gauge,
            "Configuration sets and identities whose mail the provider does not take at present, as this node has seen."),
        MetricFamily("martlet_emails_unreadable_total", .counter, "Emails of the queue whose rows could not be read."),
        MetricFamily(
            "martlet_send_rate_limit", .gauge,
            "Emails per second that all nodes together may send; `+Inf`: no limit. The same on every node."),
        MetricFamily("martlet_send_rate_share", .gauge, "This node's share of it."),
        MetricFamily(
            "martlet_send_quota_remaining", .gauge,
            "Emails that the provider still takes today, where it counts them. The same on every node."),
    ]

    private static let feedback = [
        MetricFamily(
            "martlet_feedback_events_total", .counter, by: ["kind", "outcome"],
            "Events of SES, by kind and whether they belonged to an email, to none, were repeated, or of an unknown kind."),
        MetricFamily("martlet_sns_messages_refused_total", .counter, by: ["reason"], "Messages to the webhook that were not believed."),
        MetricFamily(
            "martlet_sqs_messages_total", .counter, by: ["queue", "outcome"],
            "Messages of a queue: taken in, unreadable and left, kept among the unmatched events, not stored for our sake."),
        MetricFamily("martlet_sqs_polls_total", .counter, by: ["queue", "outcome"], "Polls of a queue, answered or failed."),
        MetricFamily(
            "martlet_sqs_lag_seconds", .gauge, by: ["queue"],
            "How long the last messages had been in the queue when they were stored; 0 while it is empty."),
        MetricFamily(
            "martlet_sqs_oldest_seconds", .gauge, by: ["queue"],
            "The age of the oldest message that this node has received and could not be done with; 0 where there is none."),
        MetricFamily("martlet_domains_suspended_total", .counter, "Domains cut off for their bounce rate."),
        MetricFamily("martlet_accounts_warned_total", .counter, "Accounts warned for their rates."),
        MetricFamily("martlet_accounts_blocked_total", .counter, "Accounts blocked for their rates."),
        MetricFamily("martlet_suspended_domains", .gauge, "Domains that are suspended, by whomever. The same on every node."),
        MetricFamily("martlet_warned_accounts", .gauge, "Accounts that are warned. The same on every node."),
        MetricFamily("martlet_blocked_accounts", .gauge, "Accounts that are blocked, by whomever. The same on every node."),
    ]

    private static let callbacks = [
        MetricFamily("martlet_callbacks_total", .counter, by: ["outcome"], "Attempts to call a customer, by what came of them."),
        MetricFamily("martlet_callbacks_parked_total", .counter, "Callbacks given up after their last attempt; they can be replayed."),
        MetricFamily("martlet_callback_duration_seconds", .seconds, "A call of a customer, until its answer."),
        MetricFamily(
            "martlet_callback_receivers_due", .gauge, "Receivers that could be called now and have not been. The same on every node."),
        MetricFamily(
            "martlet_callbacks_oldest_due_age_seconds", .gauge,
            "How long the receiver that is due longest has been due; 0 where none is. The same on every node."),
    ]

    private static let policy = [
        MetricFamily(
            "martlet_policy_decisions_total", .counter, by: ["action", "reason"],
            "Answers to mail servers, by what they were told and why."),
        MetricFamily(
            "martlet_submission_messages_total", .counter, by: ["outcome"],
            "Messages that came by SMTP, by what was answered: `accepted`, `deferred` (4xx), `refused` (5xx)."),
        MetricFamily("martlet_submission_connections", .gauge, "Open connections of SMTP clients."),
    ]

    private static let storage = [
        MetricFamily("martlet_commit_commands", .histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256]), "Commands that shared a commit."),
        MetricFamily("martlet_commit_duration_seconds", .seconds, "A commit with the commands in it."),
        MetricFamily("martlet_commits_apart_total", .counter, "Commits that were run again because one of their commands had failed."),
        MetricFamily("martlet_writes_refused_total", .counter, "Commands refused because too many waited, or too long: 503 to clients."),
        MetricFamily("martlet_database_up", .gauge, "Whether the database answered within the last half minute."),
        MetricFamily(
            "martlet_clock_offset_seconds", .gauge,
            "This machine's clock less the database server's; with SQLite, less the time that the program goes by. Beyond 30 s it is wrong."
        ),
        MetricFamily("martlet_database_errors_total", .counter, by: ["code"], "What the database could not do."),
        MetricFamily("martlet_database_sessions", .gauge, by: ["state"], "Sessions of this node on a PostgreSQL server."),
        MetricFamily("martlet_database_sessions_limit", .gauge, "The most there may be."),
        MetricFamily("martlet_database_sessions_awaited", .gauge, "Calls that wait for a session."),
        MetricFamily("martlet_database_retries_total", .counter, "Transactions run again because they were in another node's way."),
    ]

    private static let tracing = [
        MetricFamily("martlet_spans_exported_total", .counter, "Spans that the collector has taken."),
        MetricFamily("martlet_spans_dropped_total", .counter, "Spans that were not exported: too many waited, or the collector took none."),
    ]

    /// Names of Prometheus's own clients (Prometheus, "Writing client libraries", "Process metrics").
    private static let process = [
        MetricFamily("process_start_time_seconds", .gauge, "When the program started, in seconds since 1970."),
        MetricFamily("process_cpu_seconds_total", .counter, "Processor time used, of the program and of the system for it."),
        MetricFamily("process_resident_memory_bytes", .gauge, "Memory in use."),
        MetricFamily("process_open_fds", .gauge, "Open files and connections."),
        MetricFamily("process_max_fds", .gauge, "The most files and connections that may be open."),
        MetricFamily("martlet_build_info", .gauge, by: ["version"], "Always 1; the version is the label."),
    ]
}
