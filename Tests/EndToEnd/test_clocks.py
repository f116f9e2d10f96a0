"""Wall clocks that are wrong, or jump: on PostgreSQL all nodes go by the database's, on SQLite the program goes by one that does not jump."""

import subprocess
import time
from datetime import datetime, timezone

import pytest
from prometheus_client.parser import text_string_to_metric_families

from martlet import databases
from martlet.client import Client
from martlet.clock import Clock
from martlet.doctor import doctor
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.server import MASTER
from martlet.sink import busiest_second
from martlet.wait import eventually

on_postgres = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")
on_sqlite = pytest.mark.skipif(bool(databases.SERVER), reason="SQLite has one node")

DAY = 86_400
RATE = 40
LIMIT = 300
STALL = 15
"""Seconds within which a queue goes on; the clocks below jump by more."""

WRONG = "The clock of this machine is wrong"
RIGHT = "The clock of this machine is right again"
JUMPED = "The clock of this machine has jumped"


def sql(database, query):
    done = subprocess.run(["psql", "-X", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", query, database.url], check=True, capture_output=True, text=True)
    return done.stdout.split()


def partitions(database):
    return sql(database, "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1")


def metric(node, name):
    families = text_string_to_metric_families(Client(node.port, MASTER).get("/metrics").body.decode())
    return sum(sample.value for family in families for sample in family.samples if sample.name == name)


def readiness(node):
    answer = Client(node.port, None).get("/readyz")
    assert answer.status == 200
    return answer.body.decode()


def goes_on(sink, count):
    """Waits until that many more emails are handed over."""
    before = len(sink.accepted())
    eventually(lambda: len(sink.accepted()) >= before + count, within=STALL, what=f"{count} more emails are handed over")


def log_says(node, sentence, times=1):
    eventually(lambda: node.log.count(sentence) >= times, within=STALL, what=f"the log says {times} times: {sentence}")


def submit(clients, domain, tally, count):
    """A step of a load that sends emails until there are `count`."""

    def step(number):
        answer = clients[number % len(clients)].post("/emails", email(domain))
        assert answer.status == 202, answer
        tally.keep("ids", answer.data["id"])
        return len(tally.list("ids")) < count

    return step


def check_all_sent_once(account, sink, ids):
    def unfinished():
        return [item for status in ("QUEUED", "DEQUEUED") for item in account.get(f"/emails?status={status}&limit=1").data]

    eventually(lambda: not unfinished(), within=60, every=0.2, what="every email is sent")
    statuses = {item["id"]: item["status"] for item in listed(account)}
    assert set(ids) == set(statuses)
    assert set(statuses.values()) == {"SENT"}
    times = sink.times_by_id()
    assert set(times) == set(statuses)
    assert set(times.values()) == {1}, "handed over more than once"
    assert busiest_second([message.at_ms for message in sink.accepted()]) <= RATE


@on_postgres
@pytest.mark.timeout(180)
def test_three_nodes_one_ahead_one_behind_one_that_jumps(start_server, start_sink, tmp_path, figure):
    sink = start_sink("--max-send-rate", RATE)
    settings = {"MARTLET_RETENTION_EMAILS_DAYS": 30, "MARTLET_DELIVERY_LEASE_SECONDS": 10, "MARTLET_DELIVERY_GRACE_SECONDS": 2, **sink.environment}
    right, jumps_by = Clock(tmp_path / "behind", -25), Clock(tmp_path / "jumps")
    behind = start_server(**settings, **right.environment)
    settings["MARTLET_DATABASE_URL"] = behind.database.url
    account = behind.account()
    domain, limited = behind.domain(account), behind.domain(account, outbound_daily_limit=LIMIT)
    before = partitions(behind.database)
    ahead = start_server(**settings, **Clock(tmp_path / "ahead", 60 * DAY).environment)
    jumps = start_server(**settings, **jumps_by.environment)
    nodes = [ahead, behind, jumps]
    clients = [node.client(account.token, account.ref) for node in nodes]
    tally, calls = Tally(), Tally()

    def count(number):
        answer = clients[number % 3].post(f"/domains/{limited}/outbound/increment")
        assert answer.status == 200, answer
        calls.add("allowed" if answer.json["allowed"] else "refused")
        return calls["refused"] < 20

    with Load(3, submit(clients, domain, tally, RATE * 15)) as emails, Load(3, count) as increments:
        log_says(ahead, WRONG)
        goes_on(sink, RATE)
        for number, seconds in enumerate([-400, 90], start=1):
            jumps_by.set(seconds)
            log_says(jumps, WRONG, times=number)
            assert f"s {'behind' if seconds < 0 else 'ahead of'} the database's" in readiness(jumps)
            goes_on(sink, RATE)
            jumps_by.set(0)
            log_says(jumps, RIGHT, times=number)
            assert readiness(jumps) == "ok\n"
            goes_on(sink, RATE)
        emails.wait()
        increments.wait()
    check_all_sent_once(account, sink, tally.list("ids"))

    today = datetime.now(timezone.utc)
    assert calls["allowed"] == LIMIT
    for node in nodes:
        assert node.outbound(limited)["outbound_sent_today"] == LIMIT
        assert node.outbound(domain)["outbound_sent_today"] == len(tally.list("ids"))
        stored = node.client(account.token, account.ref).get(f"/emails/{tally.list('ids')[0]}")
        assert stored.status == 200 and stored.data["createdAt"][:10] == today.strftime("%Y-%m-%d")
    assert partitions(behind.database) == before
    assert set(sql(behind.database, "SELECT day FROM domains")) == {str(int(today.timestamp()) // DAY)}

    assert "s ahead of the database's" in readiness(ahead)
    assert readiness(behind) == "ok\n" and WRONG not in behind.log
    assert metric(ahead, "martlet_sends_total") == 0 and metric(behind, "martlet_sends_total") > 0 and metric(jumps, "martlet_sends_total") > 0
    assert metric(ahead, "martlet_clock_offset_seconds") == pytest.approx(60 * DAY, abs=2)
    assert metric(behind, "martlet_clock_offset_seconds") == pytest.approx(-25, abs=2)
    figure(f"3 nodes, one 60 days ahead, one 25 s behind, one that jumps: {len(tally.list('ids'))} emails once each at {RATE}/s, {LIMIT} of a limit of {LIMIT}")


@on_postgres
def test_doctor_says_that_the_clock_is_wrong(start_server, tmp_path):
    server = start_server(**Clock(tmp_path, -400).environment)

    def finding():
        return next(check for check in doctor(server)[1] if check["check"] == "clock")

    wrong = finding()
    assert not wrong["ok"] and "s behind the database's" in wrong["detail"]
    server.settings.pop("LD_PRELOAD")
    assert finding()["ok"]


@on_postgres
@pytest.mark.timeout(120)
def test_callbacks_pause_while_the_clock_is_wrong_and_go_on_when_it_is_right(start_server, start_sink, tmp_path):
    sink = start_sink()
    clock = Clock(tmp_path)
    server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true", MARTLET_CALLBACKS_ALLOW_HTTP="true", **clock.environment)
    account = server.account()
    domain = server.domain(account)
    clock.set(90)
    log_says(server, WRONG)
    answer = account.post("/emails", email(domain, callbacks=[sink.callback("hook")]))
    assert answer.status == 202
    eventually(lambda: metric(server, "martlet_emails_oldest_due_age_seconds") >= 3, within=STALL, what="the email waits")
    assert account.get(f"/emails/{answer.data['id']}").data["status"] == "QUEUED"
    assert sink.called() == []
    clock.set(0)
    eventually(lambda: "DELIVERED" in {call.status for call in sink.called()}, within=STALL, what="the callbacks are made")


@on_sqlite
@pytest.mark.timeout(180)
def test_a_clock_that_jumps_stops_nothing_and_sends_nothing_twice(start_server, start_sink, tmp_path, figure):
    sink = start_sink("--max-send-rate", RATE)
    clock = Clock(tmp_path)
    server = start_server(MARTLET_DELIVERY_LEASE_SECONDS=10, MARTLET_DELIVERY_GRACE_SECONDS=2, **sink.environment, **clock.environment)
    account = server.account()
    domain = server.domain(account)
    tally = Tally()
    began = time.monotonic()
    with Load(3, submit([account], domain, tally, RATE * 12)) as emails:
        goes_on(sink, RATE // 2)
        for number, seconds in enumerate([-400, 90, 60 * DAY], start=1):
            clock.set(seconds)
            log_says(server, JUMPED, times=number)
            goes_on(sink, RATE)
            clock.set(0)
            log_says(server, "as it was before it jumped", times=number)
        # Followed, a quarter of a second each second: no jump.
        clock.set(-25)
        goes_on(sink, RATE)
        emails.wait()
    check_all_sent_once(account, sink, tally.list("ids"))
    assert server.log.count(JUMPED) == 3
    assert server.outbound(domain)["outbound_sent_today"] == len(tally.list("ids"))
    assert readiness(server) == "ok\n"
    figure(f"SQLite, a clock that jumps by -400 s, 90 s, 60 days and -25 s: {len(tally.list('ids'))} emails once each in {time.monotonic() - began:.1f} s")


@on_sqlite
def test_a_clock_that_is_behind_what_is_stored_is_named_in_the_log(start_server, tmp_path):
    clock = Clock(tmp_path, 2 * DAY)
    server = start_server(**clock.environment)
    account = server.account()
    domain = server.domain(account, outbound_daily_limit=10)
    calls = [account.post("/emails", email(domain)) for _ in range(7)]
    assert {answer.status for answer in calls} == {202}
    server.stop()
    clock.set(0)
    server.start()
    log_says(server, "The newest email lies in the future")
    # What was counted under another day counts for this one.
    account = server.client(account.token, account.ref)
    assert [account.post("/emails", email(domain)).status for _ in range(5)] == [202] * 3 + [429] * 2
    assert server.outbound(domain)["outbound_sent_today"] == 10
