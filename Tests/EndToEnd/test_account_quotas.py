"""An account's limits over all its domains and single senders: exact whatever comes at once, by every interface, on every node."""

import random
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from martlet import databases
from martlet.client import BROKEN
from martlet.cluster import Cluster
from martlet.emails import email
from martlet.load import Load, Tally
from martlet.policy import PolicyConnection
from martlet.programs import free_port
from martlet.server import unique
from martlet.wait import eventually

on_postgres = pytest.mark.skipif(not databases.SERVER, reason="run by scripts/with-postgres")

CLIENTS = 64
LIMIT = 1000
MIDNIGHT = datetime(2026, 12, 1, tzinfo=timezone.utc)
LEAD = 40
"""Seconds before midnight at which the servers are started."""


def with_policy(start_server, **settings):
    """A server with the policy daemon, and its port."""
    port = free_port()
    server = start_server(MARTLET_POLICY_LISTEN=f"127.0.0.1:{port}", **settings)
    server.policy_port = port
    return server


@pytest.fixture(scope="module")
def server(start_server):
    return with_policy(start_server)


def verified_sender(account):
    address = unique("ann") + "@single.example"
    assert account.post("/senders", {"email": address}).status == 201
    assert {item["email"]: item["status"] for item in account.get("/senders").data}[address] == "VERIFIED"
    return address


def limit(server, account, **limits):
    answer = server.master.put(f"/accounts/{account.ref}/limits", limits)
    assert answer.status == 200, answer
    return answer.json


def outbound(server, account):
    answer = server.master.get(f"/accounts/{account.ref}/outbound")
    assert answer.status == 200, answer
    return answer.json


def usage(client, query=""):
    answer = client.get(f"/usage{query}")
    assert answer.status == 200, answer
    return answer.json


def deadlocks(server):
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    done = subprocess.run(["psql", "-X", "-t", "-A", "-c", query, server.database.url], check=True, capture_output=True, text=True)
    return int(done.stdout)


class Everywhere:
    """Calls every interface in turn, for three domains and a single sender, and notes what was answered."""

    def __init__(self, nodes, account, domains, sender, per_client=None):
        self.tally = Tally()
        self.nodes = nodes
        self.clients = [node.client(account.token, account.ref) for node in nodes]
        self.domains, self.sender = domains, sender
        self.per_client = per_client
        self.done = [0] * CLIENTS
        self.mail_servers = {}

    def __call__(self, number):
        self.done[number] += 1
        turn = (number + self.done[number]) % 5
        try:
            [self._email, self._copies, self._batch, self._increment, self._policy][turn](number)
        except BROKEN:
            self.tally.add("unanswered")
            return False
        return None if self.per_client is None else self.done[number] < self.per_client

    def close(self):
        for connection in self.mail_servers.values():
            connection.close()

    @property
    def allowed(self):
        return self.tally["allowed"]

    def _client(self, number):
        return self.clients[number % len(self.clients)]

    def _domain(self, number):
        return self.domains[(number + self.done[number]) % len(self.domains)]

    def _note(self, answer, recipients):
        if answer.status == 202:
            self.tally.add("allowed", recipients)
        elif answer.status == 429:
            assert int(answer.headers["Retry-After"]) > 0 and "account_daily_limit_exceeded" in answer.explain, answer
            self.tally.add("refused")
        else:
            assert answer.status == 503, answer

    def _email(self, number):
        body = email(self._domain(number))
        if number % 2:
            body["from"] = self.sender
        self._note(self._client(number).post("/emails", body), 1)

    def _copies(self, number):
        body = email(self._domain(number), cc=["a@simulator.martlet.test", "b@simulator.martlet.test"])
        self._note(self._client(number).post("/emails", body), 3)

    def _batch(self, number):
        items = [email(domain) for domain in self.domains] + [{**email(self.domains[0]), "from": self.sender}]
        answer = self._client(number).post("/emails/batch", {"emails": items})
        if answer.status == 503:
            return
        assert answer.status == 200, answer
        for item in answer.data:
            if item["status"] == 202:
                self.tally.add("allowed")
            elif item["status"] == 429:
                self.tally.add("refused")
            else:
                assert item["status"] == 503, item

    def _increment(self, number):
        answer = self._client(number).post(f"/domains/{self._domain(number)}/outbound/increment", {"count": 2})
        if answer.status == 503:
            return
        assert answer.status == 200, answer
        if answer.json["allowed"]:
            self.tally.add("allowed", 2)
        else:
            assert answer.json["reason"] == "account_daily_limit_exceeded", answer
            self.tally.add("refused")

    def _policy(self, number):
        if number not in self.mail_servers:
            self.mail_servers[number] = PolicyConnection(self.nodes[number % len(self.nodes)].policy_port)
        action = self.mail_servers[number].ask(f"ann@{self._domain(number)}")
        if action is None:
            raise ConnectionError
        if action == "DUNNO":
            self.tally.add("allowed")
        else:
            assert action.startswith("DEFER_IF_PERMIT 4."), action
            self.tally.add("refused")


def prepared(server, **limits):
    account = server.account()
    domains = [server.domain(account) for _ in range(3)]
    sender = verified_sender(account)
    limit(server, account, **limits)
    return account, domains, sender


def check_exact(server, account, attempts, before=0):
    """The limit is reached to the last message, and every count agrees."""
    # What is left may be less than the message with three recipients needs.
    for _ in range(3):
        account.post(f"/domains/{attempts.domains[0]}/outbound/increment")
    assert outbound(server, account)["sent_today"] == outbound(server, account)["sent_month"] == LIMIT
    assert LIMIT - 3 <= before + attempts.allowed <= LIMIT
    assert attempts.tally["refused"] > 0
    entries = usage(account)
    assert sum(entry["sent"] for entry in entries) == LIMIT
    sent = {entry["domain"]: entry["sent"] for entry in entries}
    assert set(sent) == {*attempts.domains, None}
    for domain in attempts.domains:
        assert server.outbound(domain)["outbound_sent_today"] == sent[domain]


def test_exactly_the_limit_over_all_interfaces(server):
    account, domains, sender = prepared(server, daily_limit=LIMIT)
    attempts = Everywhere([server], account, domains, sender, per_client=20)
    Load(CLIENTS, attempts).__enter__().wait()
    attempts.close()
    check_exact(server, account, attempts)


def test_exactly_the_limit_over_a_crash(start_server, figure):
    server = with_policy(start_server)
    account, domains, sender = prepared(server, daily_limit=LIMIT)
    before = Everywhere([server], account, domains, sender)
    with Load(CLIENTS, before) as load:
        eventually(lambda: before.allowed >= LIMIT // 3, within=60, every=0.005)
        time.sleep(random.uniform(0, 0.05))  # somewhere inside a commit
        server.kill()
        load.wait()
    before.close()
    assert before.allowed < LIMIT, "the process was killed too late"
    server.start()
    account = server.client(account.token, account.ref)  # a connection of its own: the former one ended with the process
    counted = outbound(server, account)["sent_today"]
    assert before.allowed <= counted
    figure(f"crash at an account's limit: {before.allowed} allowed answers seen, {counted} counted")
    after = Everywhere([server], account, domains, sender, per_client=20)
    Load(CLIENTS, after).__enter__().wait()
    after.close()
    check_exact(server, account, after, before=counted)


@on_postgres
def test_the_limit_is_exact_over_two_nodes(start_server, figure):
    first = with_policy(start_server)
    nodes = [first, with_policy(start_server, MARTLET_DATABASE_URL=first.database.url)]
    account, domains, sender = prepared(first, daily_limit=LIMIT)
    attempts = Everywhere(nodes, account, domains, sender, per_client=20)
    began = time.monotonic()
    Load(CLIENTS, attempts).__enter__().wait()
    rate = CLIENTS * 20 / (time.monotonic() - began)
    attempts.close()
    check_exact(first, account, attempts)
    figure(f"2 nodes, one account with a limit: {rate:.0f} calls/s over 3 domains and a sender, {deadlocks(first)} deadlocks")


@on_postgres
@pytest.mark.timeout(120)
def test_the_end_of_a_month(start_server):
    cluster = Cluster()
    cluster.clock.set_to(MIDNIGHT - timedelta(seconds=LEAD))
    midnight = time.monotonic() + LEAD
    try:
        cluster.start()
        nodes = [start_server(MARTLET_DATABASE_URL=cluster.url(), **cluster.clock.environment) for _ in range(2)]
        account = nodes[0].account()
        domains = [nodes[0].domain(account) for _ in range(2)]
        limit(nodes[0], account, monthly_limit=LIMIT)
        clients = [node.client(account.token, account.ref) for node in nodes]
        tally = Tally()

        def step(number):
            answer = clients[number % 2].post(f"/domains/{domains[number % 2]}/outbound/increment", {"count": 10})
            assert answer.status == 200, answer
            if answer.json["allowed"]:
                tally.add("allowed", 10)
            else:
                assert answer.json["reason"] == "account_monthly_limit_exceeded", answer
            return time.monotonic() < midnight + 3

        Load(8, step).__enter__().wait()
        assert tally["allowed"] == 2 * LIMIT, "the limit of November and that of December"
        assert outbound(nodes[1], account)["sent_month"] == LIMIT
        sent = {entry["date"]: 0 for entry in usage(account, "?since=2026-11-30&until=2026-12-01")}
        for entry in usage(account, "?since=2026-11-30&until=2026-12-01"):
            sent[entry["date"]] += entry["sent"]
        assert sent == {"2026-11-30": LIMIT, "2026-12-01": LIMIT}
        for node in nodes:
            node.stop()
    finally:
        cluster.stop()


def test_limits_are_the_masters_and_partial(server):
    account, other = server.account(), server.account()
    domain = server.domain(account)
    fresh = outbound(server, account)
    assert fresh == {
        "partner_ref": account.ref, "daily_limit": 0, "monthly_limit": 0, "enforcement": "hard", "domains_limit": 0, "domains": 1,
        "sent_today": 0, "sent_month": 0,
    }
    assert limit(server, account, daily_limit=5) == {**fresh, "daily_limit": 5}
    assert limit(server, account, enforcement="soft", domains_limit=1) == {
        **fresh, "daily_limit": 5, "enforcement": "soft", "domains_limit": 1,
    }
    assert account.get(f"/accounts/{account.ref}/outbound").json["daily_limit"] == 5
    assert other.get(f"/accounts/{account.ref}/outbound").status == 404
    assert account.put(f"/accounts/{account.ref}/limits", {"daily_limit": 9}).status == 403
    assert server.master.put("/accounts/nobody/limits", {"daily_limit": 9}).status == 404
    for body, field in [({"daily_limit": -1}, "daily_limit"), ({"enforcement": "lax"}, "enforcement"), ({"sent_today": 0}, "sent_today"),
                        ({"daily_limit": 7, "domains_limit": "x"}, "domains_limit")]:
        answer = server.master.put(f"/accounts/{account.ref}/limits", body)
        assert answer.status == 422 and field in answer.json["detail"], answer
    assert outbound(server, account)["daily_limit"] == 5, "a refused change changes nothing"
    assert account.post(f"/domains/{domain}/outbound/increment", {"count": 6}).json["reason"] == "account_daily_limit_exceeded_soft"


def test_domains_limit(server):
    account = server.account()
    domain = server.domain(account)
    limit(server, account, domains_limit=2)
    second = unique("second") + ".example"
    assert account.post("/domains", {"name": second}).status == 201
    refused = account.post("/domains", {"name": unique("third") + ".example"})
    assert refused.status == 403 and "domains_limit" in refused.json["detail"]
    assert account.delete(f"/domains/{second}").status == 204
    assert account.post("/domains", {"name": unique("third") + ".example"}).status == 201
    assert outbound(server, account)["domains"] == 2
    assert server.outbound(domain)["outbound_status"] == "active"


def test_ceilings(server):
    account = server.account()
    domain = server.domain(account, outbound_daily_limit=100)
    path = f"/domains/{domain}/outbound"
    assert (server.outbound(domain)["outbound_daily_ceiling"], server.outbound(domain)["outbound_monthly_ceiling"]) == (100, 0)
    for refused in [101, 0]:
        answer = account.put(path, {"outbound_daily_limit": refused, "outbound_monthly_limit": 7})
        assert answer.status == 422 and "outbound_daily_ceiling" in answer.json["detail"], answer
    assert server.outbound(domain)["outbound_monthly_limit"] == 0, "nothing is changed"
    for limit_of_their_own in [10, 100]:
        assert account.put(path, {"outbound_daily_limit": limit_of_their_own}).json["outbound_daily_limit"] == limit_of_their_own
    assert account.put(path, {"outbound_daily_ceiling": 500}).status == 403
    raised = server.master.put(path, {"outbound_daily_ceiling": 500}).json
    assert (raised["outbound_daily_limit"], raised["outbound_daily_ceiling"]) == (100, 500)
    assert account.put(path, {"outbound_daily_limit": 500}).status == 200
    assert server.master.put(path, {"outbound_daily_limit": 0}).json["outbound_daily_ceiling"] == 0
    assert account.put(path, {"outbound_daily_limit": 0}).status == 200


def test_usage_by_day_and_its_owner(server):
    account, other = server.account(), server.account()
    first, second = server.domain(account), server.domain(account)
    server.master.put(f"/domains/{second}/outbound", {"outbound_daily_limit": 2})
    assert account.post(f"/domains/{first}/outbound/increment", {"count": 5}).json["allowed"]
    assert not account.post(f"/domains/{second}/outbound/increment", {"count": 3}).json["allowed"]
    assert account.post("/emails", email(second)).status == 202
    today = datetime.now(timezone.utc).date().isoformat()
    expected = {first: (5, 0), second: (1, 3)}
    for client, query in [(account, f"?since={today}&until={today}"), (server.master, f"?since={today}&partner_ref={account.ref}")]:
        entries = usage(client, query)
        assert {entry["domain"]: (entry["sent"], entry["refused"]) for entry in entries} == expected
        assert all(set(entry) == {"date", "domain", "sender", "sent", "refused", "bounces", "complaints"} for entry in entries)
        assert {entry["date"] for entry in entries} == {today} and {entry["sender"] for entry in entries} == {None}
    assert [entry["sent"] for entry in usage(account, f"?domain={first}")] == [5]
    assert usage(other) == [] and usage(other, f"?domain={first}") == []
    assert other.get(f"/usage?partner_ref={account.ref}").status == 404
    table = account.get(f"/usage?since={today}&format=csv").body.decode()
    assert table.startswith("date,domain,sender,sent,refused,bounces,complaints\r\n") and f"{today},{first},,5,0,0,0\r\n" in table
    assert account.get("/usage?since=2026-01-01&until=2026-12-31").status == 422
    assert account.get("/usage?since=yesterday").status == 422


def test_a_bounce_is_in_the_usage(server):
    account = server.account()
    domain = server.domain(account)
    assert account.post("/emails", email(domain, to="bounce@simulator.martlet.test")).status == 202
    eventually(lambda: [entry["bounces"] for entry in usage(account)] == [1], what="the bounce is counted")
