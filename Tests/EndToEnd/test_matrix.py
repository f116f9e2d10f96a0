"""Who may do what: every operation, with the ids of another account, by each set of scopes, and without a token.

The operations and what they need come from `/openapi.json`, which is made from the table of rights. `ROWS` says how each is called; an operation without a
row fails the suite.
"""

import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Callable

import pytest

from martlet.client import Client
from martlet.emails import email, reaches, send
from martlet.receiver import Receiver
from martlet.server import unique
from martlet.wait import eventually

SCOPES = ("send", "read", "manage")
SCOPE_SETS = [frozenset(some) for size in (1, 2, 3) for some in itertools.combinations(SCOPES, size)]

_hosts = itertools.count(2)


def source():
    """A loopback address that no other call comes from, so that failures throttle nobody."""
    number = next(_hosts)
    return f"127.9.{number // 250}.{number % 250 + 1}"


@dataclass
class Row:
    """How an operation is called for an account's things, by `path` and `body`."""

    path: Callable = None
    body: Callable = lambda own: None
    foreign: tuple = ()
    """The statuses for another account's ids; without any the call names none, and acts on the caller's own account."""
    own: tuple = (200, 201, 202, 204)
    """The statuses for the owner, or for the master where only it may call."""
    ends: bool = False
    """Whether it takes away what other rows need: the owner calls it last."""
    kind: str = "application/json"


def absent(path, body=None, **more):
    """A row whose path names a thing: another account's does not exist."""
    return Row(path, body or (lambda own: None), foreign=(404,), **more)


def plain(path, body=None, **more):
    return Row(lambda own: path, body or (lambda own: None), **more)


OPEN = "open"
"""Needs no token, and has tests of its own."""

ROWS = {
    "POST /emails": Row(lambda own: "/emails", lambda own: email(own.domain), foreign=(403,)),
    "POST /emails/batch": plain("/emails/batch", lambda own: {"emails": [email(own.domain)]}),
    "GET /emails": Row(lambda own: f"/emails?from=news@{own.domain}"),
    "GET /emails/{id}": absent(lambda own: f"/emails/{own.email}"),
    "GET /emails/{id}/source": absent(lambda own: f"/emails/{own.email}/source"),
    # Behind the oldest id: a refused sender stands in the list of who asked, also where it is another account's.
    "GET /refusals": plain("/refusals?after=00000000-0000-7000-8000-000000000000"),
    "GET /search": plain("/search?q=no-such-thing"),
    "DELETE /emails/{id}": absent(lambda own: f"/emails/{own.scheduled}", ends=True),
    "GET /reports/emails": Row(lambda own: f"/reports/emails?from=2026-01-01&to=2026-01-31&domain={own.domain}"),
    "GET /reports/campaigns": plain("/reports/campaigns"),
    "GET /reports/campaigns/{externalId}": absent(lambda own: f"/reports/campaigns/{own.campaign}"),
    "POST /templates": plain("/templates", lambda own: {"name": unique("made"), "subject": "s", "text": "t"}),
    "GET /templates": plain("/templates"),
    "GET /templates/{name}": absent(lambda own: f"/templates/{own.template}"),
    "PUT /templates/{name}": absent(lambda own: f"/templates/{own.template}", lambda own: {"subject": "s", "text": own.marker}),
    "DELETE /templates/{name}": absent(lambda own: f"/templates/{own.template}", ends=True),
    "POST /domains": plain("/domains", lambda own: {"name": unique("made") + ".example"}),
    "GET /domains": plain("/domains"),
    "GET /domains/{name}": absent(lambda own: f"/domains/{own.domain}"),
    "PUT /domains/{name}": absent(lambda own: f"/domains/{own.domain}", lambda own: {"from_name": None}),
    "DELETE /domains/{name}": absent(lambda own: f"/domains/{own.spare}", ends=True),
    "PUT /domains/{name}/owner": Row(lambda own: f"/domains/{own.domain}/owner", lambda own: {"partner_ref": own.ref}),
    "POST /domains/{name}/approve": Row(lambda own: f"/domains/{own.domain}/approve"),
    "POST /domains/{name}/ses-verify": absent(lambda own: f"/domains/{own.domain}/ses-verify"),
    "GET /domains/{name}/ses-status": absent(lambda own: f"/domains/{own.domain}/ses-status"),
    "GET /domains/{name}/records.zone": absent(lambda own: f"/domains/{own.domain}/records.zone"),
    "GET /domains/{name}/dns-check": absent(lambda own: f"/domains/{own.domain}/dns-check"),
    "GET /domains/{name}/outbound": absent(lambda own: f"/domains/{own.domain}/outbound"),
    "PUT /domains/{name}/outbound": absent(lambda own: f"/domains/{own.domain}/outbound", lambda own: {"outbound_daily_limit": 1000}),
    "POST /domains/{name}/outbound/increment": absent(lambda own: f"/domains/{own.domain}/outbound/increment"),
    "POST /outbound/reset-daily": plain("/outbound/reset-daily"),
    "POST /outbound/reset-monthly": plain("/outbound/reset-monthly"),
    "GET /outbound/billing": plain("/outbound/billing?period=2026-01"),
    "POST /senders": Row(lambda own: "/senders", lambda own: {"email": f"{unique('made')}@partner.example"}),
    "GET /senders": plain("/senders"),
    "DELETE /senders/{email}": absent(lambda own: f"/senders/{own.sender}", ends=True),
    "POST /senders/{email}/approve": Row(lambda own: f"/senders/{own.sender}/approve"),
    "POST /subscriptions": Row(
        lambda own: "/subscriptions", lambda own: {"email": "b@example.com", "list": "made", "from": f"news@{own.domain}"}, foreign=(403,)),
    "GET /subscriptions": plain("/subscriptions?list=news"),
    "DELETE /subscriptions/{id}": absent(lambda own: f"/subscriptions/{own.subscription}", ends=True),
    "GET /suppressions": plain("/suppressions"),
    "POST /suppressions": plain("/suppressions", lambda own: {"address": f"{unique('made')}@example.com"}),
    "POST /suppressions/import": plain("/suppressions/import", lambda own: f"address\n{unique('made')}@example.com\n", kind="text/csv"),
    "DELETE /suppressions": absent(lambda own: f"/suppressions?address=lifted-{own.marker}@example.com", ends=True),
    "GET /recipients/{address}": plain("/recipients/nobody@example.com"),
    "POST /recipients/erase": plain("/recipients/erase", lambda own: {"address": f"{unique('made')}@example.com"}),
    "GET /jobs/{id}": absent(lambda own: f"/jobs/{own.job}"),
    "DELETE /suppressions/{id}": absent(lambda own: f"/suppressions/{own.suppression}", ends=True),
    "GET /callback-endpoints": plain("/callback-endpoints"),
    "POST /callback-endpoints": plain("/callback-endpoints", lambda own: {"url": own.receiver.url("/" + unique("made"))}),
    "PUT /callback-endpoints/{id}": absent(lambda own: f"/callback-endpoints/{own.endpoint}", lambda own: {"events": ["BOUNCED"]}),
    "DELETE /callback-endpoints/{id}": absent(lambda own: f"/callback-endpoints/{own.endpoint}", ends=True),
    "POST /callback-endpoints/{id}/ping": absent(lambda own: f"/callback-endpoints/{own.endpoint}/ping"),
    "GET /callback-secret": plain("/callback-secret"),
    "POST /callback-secret/rotate": plain("/callback-secret/rotate"),
    "GET /callback-deliveries": plain("/callback-deliveries"),
    "GET /callback-deliveries/{id}": absent(lambda own: f"/callback-deliveries/{own.delivery}"),
    "POST /callback-deliveries/{id}/replay": absent(lambda own: f"/callback-deliveries/{own.delivery}/replay"),
    "POST /api-keys": absent(lambda own: "/api-keys", lambda own: {"partner_ref": own.ref, "name": "made"}),
    "GET /api-keys": plain("/api-keys"),
    "PUT /api-keys/{id}": absent(lambda own: f"/api-keys/{own.key}", lambda own: {"name": "Ann"}),
    "POST /api-keys/{id}/rotate": absent(lambda own: f"/api-keys/{own.key}/rotate"),
    "DELETE /api-keys/{id}": absent(lambda own: f"/api-keys/{own.key}", ends=True),
    "GET /accounts": plain("/accounts"),
    "GET /accounts/{ref}": Row(lambda own: f"/accounts/{own.ref}"),
    "GET /accounts/{ref}/reputation": absent(lambda own: f"/accounts/{own.ref}/reputation"),
    "POST /accounts/{ref}/review": Row(lambda own: f"/accounts/{own.ref}/review", lambda own: {"decision": "keep", "note": "looked at"}),
    "GET /accounts/{ref}/outbound": absent(lambda own: f"/accounts/{own.ref}/outbound"),
    "PUT /accounts/{ref}/limits": Row(lambda own: f"/accounts/{own.ref}/limits", lambda own: {"daily_limit": 100_000}),
    "GET /accounts/{ref}/contacts": absent(lambda own: f"/accounts/{own.ref}/contacts"),
    "PUT /accounts/{ref}/contacts": absent(lambda own: f"/accounts/{own.ref}/contacts", lambda own: [{"address": "ann@partner.example"}]),
    "GET /usage": plain("/usage"),
    "GET /audit": plain("/audit"),
    "GET /events/unmatched": plain("/events/unmatched"),
    "GET /metrics": plain("/metrics"),
    **dict.fromkeys(
        [
            "GET /u/{token}", "POST /u/{token}", "GET /c/{token}", "POST /c/{token}", "POST /webhooks/ses", "GET /healthz", "GET /readyz",
            "GET /openapi.json", "GET /docs", "GET /docs.md", "GET /llms.txt",
        ],
        OPEN),
}
CALLED = sorted(name for name, row in ROWS.items() if row is not OPEN)


class Account:
    """An account with one of everything, and a key for each set of scopes."""

    def __init__(self, server, receiver):
        self.ref = unique("matrix")
        self.marker = f"marker-of-{self.ref}"
        self.receiver = receiver
        self.clients = {scopes: server.account(self.ref, scopes=sorted(scopes)) for scopes in SCOPE_SETS}
        self.all = all = self.clients[frozenset(SCOPES)]
        self.domain = server.domain(all)
        self.spare = server.domain(all)
        self.campaign = unique("campaign")
        self.template = unique("template")
        self.sender = f"{unique('sender')}@partner.example"
        self.endpoint = data(all.post("/callback-endpoints", {"url": receiver.url("/" + self.ref)}))["id"]
        self.email = send(all, self.domain, externalId=self.campaign, text=self.marker)["id"]
        self.scheduled = send(all, self.domain, sendAt=in_days(3), text=self.marker)["id"]
        data(all.post("/templates", {"name": self.template, "subject": self.marker, "text": self.marker}))
        data(all.post("/senders", {"email": self.sender}))
        self.subscription = data(all.post("/subscriptions", {"email": "a@example.com", "list": "news", "from": f"news@{self.domain}"}))["id"]
        self.suppression = data(all.post("/suppressions", {"address": f"{self.marker}@example.com", "reason": "manual"}))["id"]
        data(all.post("/suppressions", {"address": f"lifted-{self.marker}@example.com"}))
        self.job = data(all.post("/recipients/erase", {"address": f"{unique('gone')}@example.com"}))["id"]
        eventually(lambda: data(all.get(f"/jobs/{self.job}"))["state"] == "done", what="the job is done")
        # No key changes one that has more scopes.
        self.key = server.master.post("/api-keys", {"partner_ref": self.ref, "name": self.marker, "scopes": ["manage"]}).json["id"]
        reaches(all, self.email, "DELIVERED")
        self.delivery = eventually(lambda: self._delivered(), what="the callbacks are delivered")

    def _delivered(self):
        """The id of a delivery, once all that the account's email causes are delivered."""
        deliveries = data(self.all.get("/callback-deliveries?limit=1000"))
        done = [one["id"] for one in deliveries if one["status"] == "delivered" and one["emailId"] == self.email]
        return done[0] if len(done) >= 3 and all(one["status"] == "delivered" for one in deliveries) else None

    def words(self):
        """What must stand in no answer to another account."""
        return {self.marker, self.ref, self.domain, self.spare, self.email, self.scheduled, self.campaign, self.template, self.sender}

    def state(self, rows):
        """What the account sees of itself, but for times of answers and of use."""
        answers = {name: self.all.get(row.path(self)).body.decode() for name, row in rows.items() if name.startswith("GET ")}
        return {name: re.sub(r'"(timestamp|transactionId|checked_at|seen|state|since)":("[^"]*"|\d+|\[[^]]*\]|null)', "", text) for name, text in answers.items()}


def in_days(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def data(answer):
    assert 200 <= answer.status < 300, answer
    return answer.data


@dataclass
class World:
    server: object
    ours: Account
    other: Account
    operations: dict = field(default_factory=dict)

    def needed(self, name):
        """The scope that a key needs; None where only the master may call, or holders of the metrics token."""
        return self.operations[name].get("x-required-scope")


@pytest.fixture(scope="module")
def world(start_server):
    server = start_server(MARTLET_CALLBACKS_ALLOW_PRIVATE="true")
    with Receiver() as receiver:
        world = World(server, Account(server, receiver), Account(server, receiver))
        for path, operations in server.client(None).get("/openapi.json").json["paths"].items():
            for method, operation in operations.items():
                world.operations[f"{method.upper()} {path}"] = operation
        yield world


def call(client, name, row, own):
    """The answer to the operation for the things of an account."""
    body = row.body(own)
    headers = {"Content-Type": row.kind} if body is not None else {}
    return client.request(name.split()[0], row.path(own), body if isinstance(body, (str, type(None))) else json.dumps(body), headers)


def code(answer):
    value = answer.json
    return value["code"] if "code" in value else value["meta"]["code"]


def test_every_operation_has_a_row(world, figure):
    figure(f"access matrix: {len(CALLED)} operations, {len(CALLED) * (len(SCOPE_SETS) + 3)} cells")
    assert set(world.operations) == set(ROWS), "an operation of /openapi.json has no row here, or a row no operation"
    for name, operation in world.operations.items():
        assert (ROWS[name] is OPEN) == ("x-action" not in operation), name
        assert (ROWS[name] is OPEN) == (operation.get("security") == []), name


@pytest.mark.parametrize("name", CALLED)
def test_without_a_token(world, name):
    row = ROWS[name]
    for token, detail, word in ((None, "Invalid authorization header format", "malformed_authorization"), ("mk_nobody", "Invalid API key", "unknown_key")):
        client = Client(world.server.port, token, source=source())
        answer = call(client, name, row, world.ours)
        client.close()
        assert (answer.status, answer.explain, code(answer)) == (401, detail, word), answer
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", CALLED)
def test_with_the_ids_of_another_account(world, name):
    """Each set of scopes gets the refusal of the table, or the answer for what does not exist; none learns of the other account or changes it."""
    row, scope = ROWS[name], world.needed(name)
    rows = {name: row for name, row in ROWS.items() if row is not OPEN and world.needed(name) and row.ends is False}
    before = world.ours.state(rows)
    for scopes, client in world.other.clients.items():
        # What names no thing is called for the caller's own account.
        answer = call(client, name, row, world.ours if row.foreign else world.other)
        shown = (name, sorted(scopes), answer)
        if scope is None:
            assert (answer.status, code(answer)) == (403, "master_required"), shown
            assert answer.explain in ("Master token required", "Metrics token or master token required"), shown
        elif scope not in scopes:
            assert (answer.status, code(answer)) == (403, "scope_missing"), shown
            assert answer.explain == f"The API key lacks the scope {scope}", shown
        elif row.foreign:
            assert answer.status in row.foreign, shown
        else:
            assert answer.status in row.own, shown
            text = answer.body.decode()
            assert [word for word in world.ours.words() if word in text] == [], shown
    assert world.ours.state(rows) == before


def test_accounts_cannot_be_named(world):
    """Wherever the master names an account by `userName`, a key may name its own alone."""
    tried = 0
    for name in CALLED:
        operation, row, scope = world.operations[name], ROWS[name], world.needed(name)
        if scope is None or row.foreign:
            continue
        client = world.other.clients[frozenset([scope])]
        path, body = row.path(world.other), row.body(world.other)
        if any(parameter["name"] == "userName" for parameter in operation.get("parameters", ())):
            path += ("&" if "?" in path else "?") + f"userName={world.ours.ref}"
        elif isinstance(body, dict) and "userName" in json.dumps(properties(world, operation)):
            body = {**body, "userName": world.ours.ref}
        else:
            continue
        answer = client.request(name.split()[0], path, body, {"Content-Type": row.kind} if body is not None else {})
        assert answer.status == 404, (name, answer)
        tried += 1
    assert tried > 8


def properties(world, operation):
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return schema if "$ref" not in schema else world.server.client(None).get("/openapi.json").json["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]


def test_the_owner_may_with_the_scope_alone(world):
    """The rows are real: for the owner's key with nothing but the scope that the table asks for, each call succeeds; for the master where no key may."""
    for name in sorted(CALLED, key=lambda name: ROWS[name].ends):
        row, scope = ROWS[name], world.needed(name)
        client = world.ours.clients[frozenset([scope])] if scope else world.server.master
        answer = call(client, name, row, world.ours)
        assert answer.status in row.own, (name, answer)
