"""The board and the rules of docs/, held against a real Prometheus that reads a running server."""

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from martlet.client import Client
from martlet.emails import reaches, send
from martlet.programs import ROOT, Program, free_port
from martlet.receiver import Receiver
from martlet.wait import eventually

DOCS = ROOT / "docs"
TOKEN = "metrics-token-of-the-end-to-end-tests"
MOST_IDLE_SERIES = 150


def test_the_files_are_what_the_script_makes():
    subprocess.run([ROOT / "scripts" / "monitoring", "--check"], check=True)


@pytest.mark.parametrize("command", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]])
def test_rules_fire_and_are_quiet(command):
    """Each rule has series by which it fires and series by which it does not."""
    done = subprocess.run(["promtool", *command], cwd=DOCS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_its_series():
    rules = re.findall(r"- alert: (\w+)", (DOCS / "alerts.yml").read_text())
    tests = (DOCS / "alerts.test.yml").read_text()
    assert len(rules) >= 16 and all(f"{rule} {kind}\n" in tests for rule in rules for kind in ("fires", "is quiet"))


class Prometheus(Program):
    def __init__(self, directory, target):
        super().__init__(directory, "prometheus")
        self.port = free_port()
        (directory / "token").write_text(TOKEN)
        (directory / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 200ms, evaluation_interval: 200ms}}
rule_files: ["{DOCS}/alerts.yml"]
scrape_configs:
  - job_name: martlet
    authorization: {{credentials_file: {directory}/token}}
    static_configs: [{{targets: ["127.0.0.1:{target}"]}}]
""")
        self.launch(
            ["prometheus", f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], {"PATH": "/usr/bin:/bin"})

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            # It starts.
            if error.code == 503:
                return None
            raise AssertionError(error.read().decode()) from error
        except OSError:
            return None


def queries():
    """Those of the board, with its variables filled in."""
    board = json.loads((DOCS / "grafana.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            text = target["expr"].replace("$job", "martlet").replace("$instance", ".+").replace("$__rate_interval", "1m")
            assert "$" not in text, text
            yield panel["title"], text


def test_the_board_shows_a_running_server(start_server, tmp_path):
    server = start_server(MARTLET_METRICS_TOKEN=TOKEN)
    metrics = Client(server.port, TOKEN).get("/metrics").body.decode()
    idle = [line for line in metrics.splitlines() if not line.startswith("#")]
    # The test has asked for it until the server was ready.
    assert len(idle) <= MOST_IDLE_SERIES and {line for line in idle if "route=" in line and "/readyz" not in line} == set()
    known = set(re.findall(r"^# TYPE (\S+)", metrics, re.M))
    account = server.account()
    domain = server.domain(account)
    prometheus = Prometheus(tmp_path, server.port)
    try:
        eventually(lambda: (prometheus.ask("query", query="martlet_build_info") or {}).get("result"), within=20, what="the server is scraped")
        reaches(account, send(account, domain, to="success@simulator.martlet.test")["id"], "DELIVERED")
        # A rate needs two values: of what is counted now, one before and one after.
        eventually(lambda: prometheus.ask("query", query="sum(rate(martlet_sends_total[1m])) > 0")["result"], within=20, what="a rate")
        shown = set()
        for title, text in queries():
            for name in re.findall(r"\b(?:martlet|process)_\w+", text):
                assert name in known or re.sub(r"_(bucket|sum|count)$", "", name) in known, f"{title}: no metric {name}"
            if prometheus.ask("query", query=text)["result"]:
                shown.add(title)
        assert {"Nodes up", "Accepted per second", "Sent per second", "Oldest due email", "Commit", "Memory", "Attempts, by outcome"} <= shown
        rules = prometheus.ask("rules")["groups"][0]["rules"]
        assert all(rule["health"] != "err" for rule in rules), rules
    finally:
        prometheus.stop()


def spans(collector):
    """All spans that the collector was sent, each with its attributes as a dictionary."""
    found = []
    for told in collector.told:
        assert told.path == "/v1/traces" and told.headers["content-type"] == "application/json"
        for resource in told.json["resourceSpans"]:
            attributes = {one["key"]: one["value"] for one in resource["resource"]["attributes"]}
            assert attributes["service.name"] == {"stringValue": "martlet"}
            for scope in resource["scopeSpans"]:
                found += scope["spans"]
    return found


PARENT = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


def test_a_trace_leads_from_the_request_to_the_callback(start_server):
    """Over the process's queue, the provider and its events, in one trace, which the caller began."""
    with Receiver() as collector, Receiver() as receiver:
        server = start_server(
            MARTLET_TRACING_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}", MARTLET_TRACING_SAMPLE_PERCENT=0, MARTLET_CALLBACKS_ALLOW_PRIVATE="true",
            MARTLET_METRICS_TOKEN=TOKEN)
        account = server.account()
        domain = server.domain(account)
        body = {"from": f"a@{domain}", "to": "success@simulator.martlet.test", "subject": "Trace", "text": "x", "callbacks": [receiver.url("/")]}
        answer = account.post("/emails", body, traceparent=f"00-{PARENT[0]}-{PARENT[1]}-01")
        assert answer.status == 202
        other = account.post("/emails", body)
        reaches(account, other.data["id"], "DELIVERED")

        def whole():
            found = spans(collector)
            names = {span["name"] for span in found}
            return found if {"POST /emails", "commit", "delivery", "event", "callback"} <= names else None

        found = eventually(whole, within=20, what="all spans are exported")
        assert {span["traceId"] for span in found} == {PARENT[0]}, "the other request was not sampled"
        request = next(span for span in found if span["name"] == "POST /emails")
        assert request["parentSpanId"] == PARENT[1] and request["kind"] == 2
        assert all(span["parentSpanId"] == request["spanId"] for span in found if span is not request)
        assert all(int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"]) for span in found)
        delivery = next(span for span in found if span["name"] == "delivery")
        assert {"key": "email.id", "value": {"stringValue": answer.data["id"]}} in delivery["attributes"]
        told = [one for one in receiver.told if one.json["id"] == answer.data["id"]]
        callbacks = {span["spanId"] for span in found if span["name"] == "callback"}
        assert told and all(one.headers["traceparent"].startswith(f"00-{PARENT[0]}-") for one in told)
        assert callbacks & {one.headers["traceparent"].split("-")[2] for one in told}
        assert not any("traceparent" in one.headers for one in receiver.told if one.json["id"] == other.data["id"])
        assert f'"trace.id":"{PARENT[0]}"' in server.log.replace(" ", "")
        assert "simulator" not in json.dumps(found), "no address"


def test_a_collector_that_is_away_costs_no_mail(start_server):
    port = free_port()
    server = start_server(
        MARTLET_TRACING_OTLP_ENDPOINT=f"http://127.0.0.1:{port}", MARTLET_TRACING_SAMPLE_PERCENT=100, MARTLET_METRICS_TOKEN=TOKEN)
    account = server.account()
    reaches(account, send(account, server.domain(account), to="success@simulator.martlet.test")["id"], "DELIVERED")

    def dropped():
        text = Client(server.port, TOKEN).get("/metrics").body.decode()
        return float(re.search(r"^martlet_spans_dropped_total (\S+)", text, re.M)[1]) > 0

    eventually(dropped, what="lost spans are counted")


def test_a_callers_trace_goes_on_where_nothing_is_traced(start_server):
    with Receiver() as receiver:
        server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account = server.account()
        body = {"from": f"a@{server.domain(account)}", "to": "success@simulator.martlet.test", "subject": "s", "text": "x", "callbacks": [receiver.url("/")]}
        parent = f"00-{PARENT[0]}-{PARENT[1]}-00"
        assert account.post("/emails", body, traceparent=parent).status == 202
        told = eventually(lambda: receiver.told, what="a callback")
        assert told[0].headers["traceparent"] == parent
        assert f'"trace.id":"{PARENT[0]}"' in server.log.replace(" ", "")
