"""Nobody takes the node's time or memory: not without a token, and not with one. Ratios of what is measured in one run, never times."""

import time

import pytest

from martlet import floods
from martlet.floods import IdentityAPI, Tarpit
from martlet.name_server import SILENT, NameServer
from martlet.receiver import Receiver
from martlet.server import AWS
from martlet.wait import eventually


@pytest.fixture(scope="module")
def besieged(start_server):
    """A server whose throttle of failed log-ins may be used up."""
    return start_server()


# CPU: what a request costs is what its bytes cost.

@pytest.mark.parametrize("path", ["/u/nonsense", "/dashboard/login"])
def test_forms_of_many_names_cost_what_their_size_does(besieged, path, figure):
    server = besieged
    headers = {"Content_Type": "application/x-www-form-urlencoded"}
    floods.cost(server, path, floods.form_of_one(), **headers)
    plain = floods.cost(server, path, floods.form_of_one(), **headers)
    many = floods.cost(server, path, floods.form_of_letters(), **headers)
    figure(f"{path}: {many * 1000:.1f} ms of CPU for 65 kB of names, {plain * 1000:.1f} ms for one value")
    assert many < 10 * plain + 0.02


def test_more_than_100_parameters_are_refused(besieged):
    answer = besieged.client(None).post("/dashboard/login", floods.form_of_letters(), Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 422 and b"100 parameters" in answer.body


def test_a_link_that_is_none_is_answered_before_its_body(server):
    import socket

    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"POST /u/nonsense HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\na=1")
        assert connection.recv(100).startswith(b"HTTP/1.1 404")


def test_texts_of_many_variables_cost_what_their_size_does(account, domain, server, figure):
    plain = floods.cost(server, "/emails", floods.plain_body(domain), client=account, Content_Type="application/json")
    many = floods.cost(server, "/emails", floods.names_body(domain), client=account, Content_Type="application/json")
    figure(f"350 kB of variables: {many * 1000:.0f} ms of CPU, of text: {plain * 1000:.0f} ms")
    assert many < 10 * plain + 0.02
    template = {"name": "many", "subject": "s", "text": "".join(f"{{{{a{number}}}}}" for number in range(101))}
    assert account.post("/templates", template).status == 422


# Memory: bounded for the node, less for one account and one address.

def test_a_batch_of_a_large_template_is_bounded(server, account, domain, figure):
    before = floods.megabytes(server)
    peak, answer, statuses, slowest = floods.batch_of_templates(server, account, domain)
    figure(f"a batch of 60 texts of 1 MB: {peak:.0f} MB from {before:.0f}, {answer:.0f} MB answered, others waited {slowest:.2f} s")
    assert set(statuses) == {202, 413} and statuses == sorted(statuses) and 28 <= statuses.count(202) <= 33
    assert peak - before < 256 and answer < 40
    peak, answer, statuses, slowest = floods.batch_of_growth(server, account, domain)
    figure(f"a batch of 60 texts of 10 MB: {peak:.0f} MB, {answer:.0f} MB answered, others waited {slowest:.2f} s")
    assert statuses.count(202) == 3 and answer < 40
    assert peak - before < 400


@pytest.mark.timeout(300)
def test_bodies_that_never_end_are_bounded(start_server, figure):
    server = start_server()
    before = floods.megabytes(server)
    peak, sockets = floods.unfinished(server, "/webhooks/ses")
    # Meanwhile a customer works on.
    account = server.account()
    assert account.post("/templates", {"name": "t", "subject": "s", "text": "x" * 900_000}).status == 201
    figure(f"600 unfinished bodies of 1 MiB without a token: {peak:.0f} MB from {before:.0f}")
    for connection in sockets:
        connection.close()
    assert peak - before < 200, "far from 600 MB"
    # What they held is given back.
    eventually(lambda: server.client(None).post("/webhooks/ses", b"{" + b"x" * 1_000_000).status == 400, within=90, every=1, what="bodies are read again")


@pytest.mark.timeout(600)
def test_uploads_of_one_key_are_bounded(start_server, figure):
    server = start_server()
    account = server.account()
    domain = server.domain(account)
    before = floods.megabytes(server)
    peak, statuses = floods.uploads(server, account, domain)
    figure(f"20 emails of 22 MiB of one key: {peak:.0f} MB from {before:.0f}, {statuses.count(202)} accepted, {statuses.count(503)} answered 503")
    assert set(statuses) <= {202, 503, 0} and 202 in statuses
    assert peak < 700
    assert server.account().post("/domains", {"name": "after.example"}).status == 201


# Connections: descriptors are left for all else.

def test_connections_are_bounded_and_the_rest_goes_on(start_server, figure):
    server = start_server(MARTLET_HTTP_MAX_CONNECTIONS=64)
    server.master.close()
    kept, seconds = floods.crowd(server, 200)
    figure(f"200 connections, 64 allowed: {len(kept)} stay, the others were closed within {seconds:.1f} s")
    assert 55 <= len(kept) <= 64
    kept[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept[0].recv(12) == b"HTTP/1.1 200"
    for connection in kept:
        connection.close()
    eventually(lambda: _answers(server), within=10, what="there is room again")


def _answers(server):
    try:
        return server.client(None, timeout=2).get("/healthz").status == 200
    except OSError:
        return False
    except Exception:
        return False


# Callbacks: one account's slow names and tarpits are its own.

@pytest.mark.timeout(180)
def test_slow_names_of_one_account_delay_no_others(start_server, figure):
    table = {f"slow{number}.example": SILENT for number in range(60)} | {"hooks.example": {"A": ["127.0.0.1"]}}
    with NameServer(table) as dns, Receiver() as receiver:
        server = start_server(MARTLET_DNS_NAMESERVER=dns.address, MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account, other = server.account(), server.account()
        domain, others = server.domain(account), server.domain(other)
        alone = floods.callback_delay(other, others, receiver, "/alone")
        floods.queue_callbacks(account, domain, [f"http://slow{number}.example/x" for number in range(60)])
        eventually(lambda: len({name for name, _ in dns.asked if name.startswith("slow")}) >= 20, within=20, what="slow names are asked for")
        beside = floods.callback_delay(other, others, receiver, "/beside")
    figure(f"a callback beside 60 slow names of another account: {beside:.2f} s, alone {alone:.2f} s")
    assert beside < alone + 2


@pytest.mark.timeout(180)
def test_tarpits_of_one_account_delay_no_others(start_server, figure):
    tarpit = Tarpit()
    with Receiver() as receiver:
        server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
        account, other = server.account(), server.account()
        domain, others = server.domain(account), server.domain(other)
        alone = floods.callback_delay(other, others, receiver, "/alone")
        floods.queue_callbacks(account, domain, [f"http://127.0.0.1:{tarpit.port}/{number}" for number in range(600)])
        eventually(lambda: len(tarpit.taken) >= 100, within=30, what="the tarpits are called")
        delays = [floods.callback_delay(other, others, receiver, f"/beside/{number}") for number in range(3)]
    figure(f"a callback beside 600 tarpits of another account: {max(delays):.2f} s, alone {alone:.2f} s; {len(tarpit.taken)} are called")
    tarpit.close()
    assert max(delays) < alone + 2


# SES: one queue for the calls that it allows one a second.

@pytest.mark.timeout(180)
def test_status_calls_are_paced_and_shared(start_server, figure):
    api = IdentityAPI()
    server = start_server(
        MARTLET_TRANSPORT="ses", MARTLET_ROLES="http", AWS_ENDPOINT_URL=api.url,
        MARTLET_SNS_TOPIC_ARNS="arn:aws:sns:eu-west-1:123456789012:events", **AWS)
    account, other = server.account(), server.account()
    domains = [f"paced{number}.example" for number in range(40)]
    for domain in domains:
        assert server.master.post("/domains", {"name": domain, "partner_ref": account.ref}).status == 201
    assert server.master.post("/domains", {"name": "other-paced.example", "partner_ref": other.ref}).status == 201
    reader = server.client(server.master.post("/api-keys", {"partner_ref": account.ref, "scopes": ["read"]}).json["token"], account.ref)
    began = time.monotonic()
    answers = floods.ask_statuses(reader, domains)
    seconds = time.monotonic() - began
    statuses = [answer.status for answer in answers]
    calls = len(api.calls)
    figure(f"40 status calls of one key: {calls} calls of SES in {seconds:.1f} s, {statuses.count(503)} answered 503")
    assert set(statuses) == {200, 503} and statuses.count(503) >= 10
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)
    assert calls <= seconds + 4
    assert other.get("/domains/other-paced.example/ses-status").status == 200
    api.shutdown()


# The dashboard's live streams.

def test_one_key_has_a_share_of_the_live_streams(start_server, figure):
    server = start_server()
    account, other = server.account(), server.account()
    streams = floods.live_streams(server, account.token)
    others = floods.live_streams(server, other.token, count=1)
    figure(f"live streams of one key: {len(streams)} of 240 asked for; another one gets {len(others)} of 4")
    assert len(streams) == 100 and len(others) == 4
    for connection in streams + others:
        connection.close()
