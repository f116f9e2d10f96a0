"""Connections killed at random and a network cut, under load: counts stay exact, nothing is lost.

MARTLET_TEST_CHAOS_SECONDS and MARTLET_TEST_CUT_SECONDS make them longer.
"""

import os
import subprocess
import time

import pytest

from martlet import databases, retry
from martlet.cluster import Cluster
from martlet.emails import listed
from martlet.load import Load, Tally
from martlet.network import Namespace, RemoteServer
from martlet.programs import free_port
from martlet.wait import eventually

pytestmark = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")

CHAOS = float(os.environ.get("MARTLET_TEST_CHAOS_SECONDS", 8))
CUT = float(os.environ.get("MARTLET_TEST_CUT_SECONDS", 8))
PATIENCE = 90
"""Seconds that a client goes on asking."""


class Customers:
    """Load on two nodes whose clients ask again until they know; afterwards every count is known exactly."""

    def __init__(self, nodes, ports):
        self.nodes, self.ports = nodes, ports
        self.account = nodes[0].account()
        self.by_http, self.by_policy = nodes[0].domain(self.account), nodes[0].domain(self.account)
        self.clients = [node.client(self.account.token, self.account.ref) for node in nodes]
        self.tally = Tally()
        self.until = time.monotonic() + 3600

    def step(self, number):
        deadline = time.monotonic() + PATIENCE
        if number < len(self.ports):
            assert retry.allowed(self.ports[number], self.by_policy, self.tally, deadline), "no answer"
        else:
            assert retry.accepted(self.clients[number % 2], self.by_http, self.tally, deadline), "no answer"
        return time.monotonic() < self.until

    def check(self, sink):
        ids = self.tally.list("ids")
        stored = {item["id"] for item in listed(self.account)}
        assert len(ids) == len(set(ids)), "two keys, one email"
        assert set(ids) == stored
        assert self.nodes[0].outbound(self.by_http)["outbound_sent_today"] == len(ids)
        assert self.nodes[1].outbound(self.by_policy)["outbound_sent_today"] == len(self.tally.list("messages"))
        eventually(lambda: not self._unfinished(), within=240, every=0.5, what="every email is sent")
        assert {item["status"] for item in listed(self.account)} == {"SENT"}
        times = sink.times_by_id()
        assert set(times) == stored
        twice = sum(count - 1 for count in times.values())
        return (
            f"{len(ids)} emails and {len(self.tally.list('messages'))} messages counted exactly, all sent, {twice} twice; "
            f"{self.tally['503']} answers 503, {self.tally['deferred']} deferred, {self.tally['unanswered']} unanswered")

    def _unfinished(self):
        return [item for status in ("QUEUED", "DEQUEUED") for item in self.account.get(f"/emails?status={status}&limit=1").data]


def settings(sink, port=None):
    return {
        "MARTLET_DELIVERY_LEASE_SECONDS": 10, "MARTLET_DELIVERY_GRACE_SECONDS": 2, **sink.environment,
        **({"MARTLET_POLICY_LISTEN": f"127.0.0.1:{port}"} if port else {}),
    }


@pytest.mark.timeout(CHAOS + 600)
def test_connections_killed_at_random(start_server, start_sink, figure):
    sink = start_sink()
    ports = [free_port(), free_port()]
    first = start_server(**settings(sink, ports[0]))
    nodes = [first, start_server(**settings(sink, ports[1]), MARTLET_DATABASE_URL=first.database.url)]
    customers = Customers(nodes, ports)
    kill = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'martlet' ORDER BY random() LIMIT 1;
        SELECT pg_sleep(random() * 0.1);"""
    kills = 0
    with Load(12, customers.step) as load:
        end = time.monotonic() + CHAOS
        while time.monotonic() < end and load.is_running:
            subprocess.run(["psql", "-X", "-q", "-o", "/dev/null", first.database.url], input=kill * 5, text=True, check=True)
            kills += 5
        customers.until = time.monotonic()
        load.wait()
    figure(f"{kills} connections killed in {CHAOS:.0f} s: {customers.check(sink)}")


@pytest.fixture
def namespace():
    obstacle = Namespace.obstacle()
    if obstacle:
        pytest.skip(obstacle)
    namespace = Namespace()
    try:
        yield namespace.create()
    finally:
        namespace.delete()


@pytest.fixture
def database_host():
    cluster = Cluster(listen="*")
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.mark.timeout(CUT + 600)
def test_a_node_is_cut_off_from_the_database(namespace, database_host, start_server, start_sink, tmp_path, figure):
    sink = start_sink()
    port = free_port()
    near = start_server(**settings(sink, port), MARTLET_DATABASE_URL=database_host.url())
    # It answers customers and does not send: the sink is on this side.
    far = RemoteServer(
        tmp_path / "far", namespace, MARTLET_DATABASE_URL=database_host.url(namespace.database_host), MARTLET_ROLES="http,scheduler",
        MARTLET_TRANSPORT="capture")
    try:
        far.start()
        process = far.process.pid
        customers = Customers([near, far], [port])
        slowest = cut_off(namespace, customers)
        assert far.process.pid == process and far.is_running
        figure(f"one of two nodes cut off from PostgreSQL for {CUT:.0f} s: {customers.check(sink)}; the other stood still for {slowest:.1f} s at the most")
    finally:
        far.stop()


def cut_off(namespace, customers):
    """Cuts the cable under load, mends it, waits until the node works again; returns the longest time without an acceptance elsewhere."""
    near = [time.monotonic()]
    gaps = []

    def step(number):
        goes_on = customers.step(number)
        if number % 2 == 0:
            now = time.monotonic()
            gaps.append(now - near[0])
            near[0] = now
        return goes_on

    with Load(12, step) as load:
        eventually(lambda: len(customers.tally.list("ids")) > 100 or not load.is_running, within=60)
        namespace.cut_database()
        end = time.monotonic() + CUT
        eventually(lambda: time.monotonic() > end or not load.is_running, within=CUT + 10)
        namespace.mend_database()
        far = customers.clients[1]
        eventually(lambda: far.get("/domains").status == 200, within=60, every=0.2, what="the node works again")
        customers.until = time.monotonic() + 2
        load.wait()
    return max(gaps)
