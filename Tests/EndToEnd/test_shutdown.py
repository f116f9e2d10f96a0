"""SIGTERM under load: requests in flight are answered, leases are given back, nothing is lost, all within ten seconds."""

import http.client
import json
import signal
import time

from martlet.client import BROKEN
from martlet.emails import email, listed
from martlet.load import Load, Tally
from martlet.wait import eventually

LONG = {"MARTLET_DELIVERY_LEASE_SECONDS": "600", "MARTLET_DELIVERY_GRACE_SECONDS": "600"}


def test_half_sent_requests_are_answered(start_server):
    """The request line and half a body are there when SIGTERM comes; the other half follows."""
    server = start_server()
    account = server.account()
    domain = server.domain(account)
    body = json.dumps(email(domain)).encode()
    connections = [_with_half_a_request(server, account, body) for _ in range(32)]
    eventually(lambda: _has_read(server, len(connections)), what="all of them have reached the server")
    server.process.send_signal(signal.SIGTERM)
    eventually(lambda: not _accepts(server), what="no new connections are taken")
    for connection in connections:
        connection.send(body[len(body) // 2 :])
    ids = [_answer(connection)["data"]["id"] for connection in connections]
    assert server.process.wait(timeout=10) == 0
    server.start()
    assert {item["id"] for item in listed(account)} == set(ids)


def test_under_load(start_server, start_sink):
    sink = start_sink("--latency-ms", "100")
    server = start_server(**sink.environment, **LONG)
    account = server.account()
    domain = server.domain(account)
    tally = Tally()

    def submit(_):
        try:
            answer = account.post("/emails", email(domain, to="user@customer.example"))
        except BROKEN:
            tally.add("unanswered")
            return False
        if answer.status == 202:
            tally.keep("ids", answer.data["id"])
        else:
            assert answer.status == 503, answer

    with Load(16, submit) as load:
        eventually(lambda: len(tally.list("ids")) >= 300 and len(sink.accepted()) >= 50, within=60)
        started = time.monotonic()
        assert server.terminate(within=10) == 0
        took = time.monotonic() - started
        load.wait()
    assert took < 10

    acknowledged = set(tally.list("ids"))
    server.start()
    # Leases last ten minutes here: what is sent now was given back, not waited for.
    eventually(lambda: set(sink.times_by_id()) >= acknowledged, within=30, every=0.1, what="everything is sent after the restart")
    eventually(lambda: {item["status"] for item in listed(account)} == {"SENT"}, within=20, every=0.2)
    emails = {item["id"] for item in listed(account)}
    assert acknowledged <= emails and len(emails) <= len(acknowledged) + tally["unanswered"]
    assert set(sink.times_by_id().values()) == {1}, "an orderly stop sends nothing twice"


def test_idle_server_stops_at_once(start_server):
    server = start_server()
    idle = server.client(None)
    assert idle.get("/healthz").status == 200
    started = time.monotonic()
    assert server.terminate(within=10) == 0
    assert time.monotonic() - started < 5, "an idle connection holds the stop up"


def _with_half_a_request(server, account, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    # A whole request first: the connection is then known to be taken, not just waiting in the kernel.
    connection.request("GET", "/healthz")
    assert _answer(connection, 200) is not None
    connection.putrequest("POST", "/emails")
    connection.putheader("Authorization", f"Bearer {account.token}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[: len(body) // 2])
    return connection


def _answer(connection, status=202):
    response = connection.getresponse()
    body = response.read()
    assert response.status == status, body
    try:
        return json.loads(body)
    except ValueError:
        return {}


def _accepts(server):
    probe = server.client(None, timeout=2)
    try:
        probe.get("/healthz")
        return True
    except BROKEN:
        return False
    finally:
        probe.close()


def _has_read(server, connections):
    """Whether the server has accepted so many connections and read all that was sent to it, by the kernel's queues (proc(5))."""
    with open("/proc/net/tcp") as table:
        sockets = [line.split() for line in list(table)[1:]]
    ours = [(state, queues.split(":")[1]) for _, local, _, state, queues, *_ in sockets if int(local.split(":")[1], 16) == server.port]
    return all(int(received, 16) == 0 for _, received in ours) and sum(state == "01" for state, _ in ours) >= connections
