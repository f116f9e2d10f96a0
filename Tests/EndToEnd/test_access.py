"""Who may do what, with the exact words of refusal."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from martlet.client import Client
from martlet.emails import email
from martlet.server import MASTER, unique
from martlet.wait import eventually

HEADERS = [
    (None, "Invalid authorization header format"),
    ("", "Invalid authorization header format"),
    ("Bearer", "Invalid authorization header format"),
    ("Bearer ", "Invalid authorization header format"),
    ("Basic dXNlcjpwYXNz", "Invalid authorization header format"),
    (MASTER, "Invalid authorization header format"),
    ("Bearer wrong", "Invalid API key"),
    (f"Bearer {MASTER}x", "Invalid API key"),
    (f"Bearer {MASTER[:-1]}", "Invalid API key"),
]

_addresses = iter(range(2, 250))


@pytest.fixture
def stranger(server):
    """A client without a token on a loopback address of its own, so that its failures throttle nobody else."""
    return Client(server.port, source=f"127.0.0.{next(_addresses)}")


def denied(answer, detail):
    assert answer.status == 401 and answer.explain == detail, answer
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header, detail", HEADERS, ids=repr)
def test_bad_authorization(stranger, header, detail):
    headers = {} if header is None else {"Authorization": header}
    denied(stranger.request("GET", "/domains", None, headers), detail)
    denied(stranger.request("POST", "/emails", b"{}", headers), detail)


def test_scheme_is_case_insensitive(stranger):
    assert stranger.get("/domains", Authorization=f"bearer {MASTER}").status == 200


def test_deactivated_key(server):
    made = server.master.post("/api-keys", {"partner_ref": unique("partner")}).json
    client = server.client(made["token"], source=f"127.0.0.{next(_addresses)}")
    assert client.get("/domains").status == 200
    assert server.master.put(f"/api-keys/{made['id']}", {"active": False}).json["active"] is False
    denied(client.get("/domains"), "API key is deactivated")
    assert server.master.put(f"/api-keys/{made['id']}", {"active": True}).status == 200
    assert client.get("/domains").status == 200
    assert server.master.delete(f"/api-keys/{made['id']}").status == 204
    assert client.get("/domains").status == 401


def test_expired_key(server):
    end = (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = server.master.post("/api-keys", {"partner_ref": unique("partner"), "expires_at": end})
    assert made.status == 201, made
    client = server.client(made.json["token"], source=f"127.0.0.{next(_addresses)}")
    denied(eventually(lambda: (a := client.get("/domains")).status == 401 and a, within=5, every=0.3), "API key has expired")


def test_key_is_shown_once(server):
    ref = unique("partner")
    made = server.master.post("/api-keys", {"partner_ref": ref, "name": "web shop", "scopes": ["read"]}).json
    fields = {"id", "token", "partner_ref", "name", "scopes", "active", "expires_at", "created_at", "last_used_at"}
    assert set(made) == fields | {"domains", "allowed_ips", "rate_limit", "previous_token_expires_at"}
    assert (made["partner_ref"], made["name"], made["scopes"], made["active"]) == (ref, "web shop", ["read"], True)
    listed = server.master.get("/api-keys")
    assert made["token"] not in listed.body.decode()
    assert any(key["id"] == made["id"] for key in listed.json)
    assert made["token"].encode() not in server.database.contents() and made["token"] not in server.log


def test_scopes(server):
    ref = unique("partner")
    owner = server.account(ref)
    domain = server.domain(owner)
    calls = {
        "send": lambda client: client.post("/emails", email(domain)),
        "read": lambda client: client.get(f"/domains/{domain}/outbound"),
        "manage": lambda client: client.put(f"/domains/{domain}/outbound", {"outbound_daily_limit": 100}),
    }
    for scope in calls:
        client = server.account(ref, scopes=[scope])
        for name, call in calls.items():
            answer = call(client)
            if name == scope:
                assert answer.status in (200, 202), (scope, name, answer)
            else:
                assert answer.status == 403 and name in answer.explain, (scope, name, answer)


MASTER_ONLY = [
    ("POST", "/outbound/reset-daily"), ("POST", "/outbound/reset-monthly"),
    ("GET", "/outbound/billing?period=2025-01"),
    ("GET", "/events/unmatched"),
]


@pytest.mark.parametrize("method, path", MASTER_ONLY, ids=lambda value: value)
def test_master_only(account, method, path):
    answer = account.request(method, path, {"partner_ref": "x"} if method == "POST" else None)
    assert (answer.status, answer.explain) == (403, "Master token required")


def test_domains_of_others_do_not_exist(server, domain):
    other = server.account()
    calls = [
        ("GET", f"/domains/{domain}/outbound", None), ("PUT", f"/domains/{domain}/outbound", {"outbound_daily_limit": 1}),
        ("POST", f"/domains/{domain}/outbound/increment", None), ("POST", f"/domains/{domain}/ses-verify", None),
        ("GET", f"/domains/{domain}/ses-status", None), ("DELETE", f"/domains/{domain}", None),
    ]
    for method, path, body in calls:
        foreign = other.request(method, path, body)
        absent = other.request(method, path.replace(domain, "absent.example"), body)
        assert foreign.status == absent.status == 404, (method, path, foreign, absent)
        assert foreign.explain == absent.explain
    assert server.outbound(domain)["outbound_daily_limit"] == 0
    assert domain not in other.get("/domains").body.decode()


def test_unknown_route_and_method(account):
    for method, path, status in (("GET", "/nothing", 404), ("PATCH", "/emails", 405), ("DELETE", "/healthz", 405)):
        answer = account.request(method, path)
        assert answer.status in (404, status) and answer.explain, (method, path, answer)


def test_failed_authentications_are_throttled(server):
    client = Client(server.port, "wrong", source="127.0.0.251")
    answers = [client.get("/domains") for _ in range(12)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60 and answers[-1].explain
    assert server.client(MASTER).get("/domains").status == 200


def test_behind_a_proxy_failures_count_for_the_client(start_server):
    server = start_server(MARTLET_HTTP_TRUSTED_PROXIES="127.0.0.252")
    proxy = Client(server.port, "wrong", source="127.0.0.252")
    for client, statuses in (("198.51.100.7", [401] * 10 + [429]), ("198.51.100.8", [401]), ("198.51.100.7", [429])):
        for status in statuses:
            # What the client wrote itself stands in front.
            assert proxy.get("/domains", X_Forwarded_For=f"203.0.113.1, {client}").status == status, client
    stranger = Client(server.port, "wrong", source="127.0.0.253")
    answers = [stranger.get("/domains", X_Forwarded_For=f"198.51.100.{number}").status for number in range(11)]
    assert answers == [401] * 10 + [429], "nobody else is believed"


def test_health_needs_no_token(server):
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert Client(server.port).get(path).status == 200, path
