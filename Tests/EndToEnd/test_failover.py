"""The primary dies under load and its synchronous standby takes over: no node is restarted, nothing acknowledged is lost, every count is exact."""

import time

import pytest

from martlet import databases, retry
from martlet.cluster import Cluster
from martlet.emails import listed
from martlet.load import Load, Tally
from martlet.programs import free_port
from martlet.wait import eventually

pytestmark = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")

GAP = 7
"""Seconds without a primary: longer than a request waits for the database."""


@pytest.fixture
def cluster():
    cluster = Cluster()
    try:
        yield cluster.start(with_standby=True)
    finally:
        cluster.stop()


@pytest.mark.timeout(180)
def test_failover(cluster, start_server, figure):
    ports = [free_port(), free_port()]
    nodes = [start_server(MARTLET_DATABASE_URL=cluster.url(), MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}") for port in ports]
    processes = [node.process.pid for node in nodes]
    account = nodes[0].account()
    by_http, by_policy = nodes[0].domain(account), nodes[0].domain(account)
    clients = [node.client(account.token, account.ref) for node in nodes]
    tally, accepted_at = Tally(), []
    end = time.monotonic() + 120
    stop_at = [end]

    def step(number):
        if number < 2:
            done = retry.allowed(ports[number], by_policy, tally, end)
        else:
            done = retry.accepted(clients[number % 2], by_http, tally, end)
            accepted_at.append(time.monotonic())
        assert done, "still no answer"
        return time.monotonic() < stop_at[0]

    with Load(10, step) as load:
        eventually(lambda: len(tally.list("ids")) > 200, within=60)
        before = {name: tally[name] for name in ("503", "deferred", "unanswered")}
        cluster.kill_primary()
        killed = time.monotonic()
        eventually(lambda: time.monotonic() > killed + GAP and tally["503"] > before["503"] and tally["deferred"] > before["deferred"], within=30)
        promoted = time.monotonic()
        cluster.promote_standby()
        recovered = eventually(lambda: [at for at in accepted_at if at > promoted], within=60)[0]
        stop_at[0] = time.monotonic() + 2
        load.wait()
    assert [node.process.pid for node in nodes] == processes and all(node.is_running for node in nodes)
    ids = tally.list("ids")
    stored = {item["id"] for item in listed(account, f"from=news@{by_http}")}
    assert set(ids) <= stored, "an acknowledged email is lost"
    assert len(ids) == len(set(ids)) == len(stored)
    assert nodes[1].outbound(by_http)["outbound_sent_today"] == len(ids)
    assert nodes[0].outbound(by_policy)["outbound_sent_today"] == len(tally.list("messages"))
    figure(
        f"failover after {promoted - killed:.1f} s without a primary: first email accepted {recovered - promoted:.2f} s after the promotion began; "
        f"{len(ids)} emails and {len(tally.list('messages'))} messages counted exactly; {tally['503']} answers 503, {tally['deferred']} deferred, "
        f"{tally['unanswered']} unanswered")
    assert tally["unanswered"] == before["unanswered"], "every request was answered"
