"""`GET /metrics` as Prometheus's own parser reads it."""

from prometheus_client.parser import text_string_to_metric_families

from martlet.client import Client
from martlet.emails import email, reaches, send
from martlet.wait import eventually

TOKEN = "metrics-token-of-the-end-to-end-tests"


def families(server):
    """What is read, by name. The parser takes `_total` off the names of counters."""
    answer = Client(server.port, TOKEN).get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {family.name: family for family in text_string_to_metric_families(answer.body.decode())}


def value(server, name, **labels):
    """The sum of the samples of a name that have all the labels; `None` where there are none."""
    samples = [sample for family in families(server).values() for sample in family.samples if sample.name == name]
    values = [sample.value for sample in samples if labels.items() <= sample.labels.items()]
    return sum(values) if values else None


def test_prometheus_reads_it(start_server):
    server = start_server(MARTLET_METRICS_TOKEN=TOKEN)
    server.account().get("/domains")
    read = families(server)
    assert all(family.documentation and family.type in ("counter", "gauge", "histogram") for family in read.values())
    assert read["martlet_build_info"].samples[0].value == 1
    assert value(server, "martlet_http_requests_total", route="/domains", method="GET", status="2xx") == 1
    assert value(server, "martlet_http_request_duration_seconds_bucket", route="/domains", le="+Inf") == 1
    assert value(server, "process_open_fds") > 5


def test_what_happens_is_counted(start_server):
    server = start_server(MARTLET_METRICS_TOKEN=TOKEN)
    account = server.account()
    domain = server.domain(account)
    reaches(account, send(account, domain, to="success@simulator.martlet.test")["id"], "DELIVERED")
    assert account.post("/emails", email("nowhere.example")).status == 403
    counted = {
        ("martlet_emails_accepted_total", "status", "queued"): 1, ("martlet_emails_refused_total", "reason", "bad_from"): 1,
        ("martlet_sends_total", "outcome", "sent"): 1, ("martlet_feedback_events_total", "kind", "delivery"): 1,
    }
    for (name, label, word), count in counted.items():
        assert value(server, name, **{label: word}) == count, name
    assert value(server, "martlet_send_duration_seconds_count") == 1
    assert value(server, "martlet_commit_commands_count") > 3
    eventually(lambda: value(server, "martlet_database_up") == 1, what="the database was looked at")
    assert value(server, "martlet_emails_oldest_due_age_seconds") == 0
    if server.database.url.startswith("postgres"):
        assert value(server, "martlet_database_sessions") > 0
