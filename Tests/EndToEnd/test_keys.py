"""Keys: bounds, what customers do with their own, rotation, the format of tokens, and the throttle against guessing."""

import itertools
import re
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from martlet.client import Client
from martlet.emails import email
from martlet.server import MASTER, unique

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_hosts = itertools.count(1)


def source():
    """A loopback address that no other call comes from: failures count for it alone."""
    number = next(_hosts)
    return f"127.8.{number // 250}.{number % 250 + 1}"


def code(answer):
    value = answer.json
    return value["code"] if "code" in value else value["meta"]["code"]


def made(client, **fields):
    """A new key of the client's account, or for the master of the account named."""
    answer = client.post("/api-keys", fields)
    assert answer.status == 201, answer
    return answer.json


def log_in(server, token, address):
    return Client(server.port, source=address).post(
        "/dashboard/login", f"token={token}", Content_Type="application/x-www-form-urlencoded").status


# The throttle


def test_guessing_does_not_find_the_right_token(server):
    """20 wrong tokens, and the right one: refused where it was not used from there, by each door."""
    unused, used = (made(server.master, partner_ref=unique("partner"))["token"] for _ in range(2))
    address = source()
    assert server.client(used, source=address).get("/domains").status == 200
    guesses = [server.client(f"guess-{number}", source=address).get("/domains").status for number in range(20)]
    assert guesses == [401] * 10 + [429] * 10
    for token in (unused, MASTER):
        answer = server.client(token, source=address).get("/domains")
        assert (answer.status, code(answer)) == (429, "too_many_failures"), answer
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert server.client(token, source=address).post("/emails", {}).status == 429
        assert server.client(token, source=address).get("/metrics").status == 429
        assert log_in(server, token, address) == 429
    assert server.client(used, source=address).get("/domains").status == 200
    assert log_in(server, used, address) == 303
    assert server.client(unused, source=source()).get("/domains").status == 200, "others are not concerned"


@pytest.mark.parametrize("door", ["login", "metrics", "header"])
def test_failures_of_every_door_count_together(server, door):
    address = source()
    for number in range(10):
        if door == "login":
            assert log_in(server, f"guess-{number}", address) == 401
        elif door == "metrics":
            assert server.client(f"guess-{number}", source=address).get("/metrics").status == 401
        else:
            assert Client(server.port, source=address).get("/domains").status == 401
    assert server.client(MASTER, source=address).get("/domains").status == 429


def test_guesses_at_once_are_no_more_than_one_by_one(server):
    address = source()
    token = made(server.master, partner_ref=unique("partner"))["token"]
    tokens = [f"guess-{number}" for number in range(100)]
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda guess: server.client(guess, source=address).get("/domains").status, tokens))
    assert sorted(statuses) == [401] * 10 + [429] * 90
    assert server.client(token, source=address).get("/domains").status == 429


def test_new_tokens_that_are_used_at_once_are_accepted(server):
    address = source()
    ref = unique("partner")
    tokens = [made(server.master, partner_ref=ref)["token"] for _ in range(30)]
    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(lambda token: server.client(token, source=address).get("/domains").status, tokens * 2))
    assert statuses == [200] * 60


def test_behind_a_proxy_it_counts_for_the_client(start_server):
    server = start_server(MARTLET_HTTP_TRUSTED_PROXIES="127.0.0.252")
    token = made(server.master, partner_ref="acme")["token"]

    def status(token, client, source="127.0.0.252"):
        return Client(server.port, token, source=source).get("/domains", X_Forwarded_For=client).status

    assert status(token, "2001:db8:0:1::7") == 200
    # One customer has all addresses of a network of 64 bits.
    assert [status("wrong", f"2001:db8:0:1::{number}") for number in range(1, 12)] == [401] * 10 + [429]
    assert status(MASTER, "2001:db8:0:1:ffff::1") == 429
    assert status(token, "2001:db8:0:1:ffff::1") == 200
    assert status(MASTER, "2001:db8:0:2::1") == 200
    assert status(MASTER, "198.51.100.7") == 200
    # Nobody else is believed.
    assert status(MASTER, "2001:db8:0:1::1", source="127.0.0.251") == 200


# The format of tokens


def checksum(text):
    rest, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        digits = ALPHABET[rest % 62] + digits
        rest //= 62
    return digits


def test_the_format_of_tokens(server):
    token = made(server.master, partner_ref=unique("partner"))["token"]
    assert re.fullmatch(r"mk_[0-9A-Za-z]{49}", token)
    assert token[-6:] == checksum(token[:-6])
    mistyped = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
    for wrong in (mistyped, token[:-1], token + "0", token.swapcase()):
        answer = server.client(wrong, source=source()).get("/domains")
        assert (answer.status, answer.explain) == (401, "Invalid API key"), wrong


# Bounds


def test_a_key_for_some_domains(server):
    ref = unique("partner")
    account = server.account(ref)
    ours, other = server.domain(account), server.domain(account)
    bound = server.account(ref, domains=[ours.upper()])
    assert bound.post("/emails", email(ours)).status == 202
    refused = bound.post("/emails", email(other))
    assert (refused.status, code(refused), refused.data["status"]) == (403, "domain_not_allowed", "BAD_FROM")
    batch = bound.post("/emails/batch", {"emails": [email(other), email(ours)]})
    assert [item["status"] for item in batch.data] == [403, 202]
    assert bound.post(f"/domains/{ours}/outbound/increment").json["allowed"] is True
    refused = bound.post(f"/domains/{other}/outbound/increment")
    assert (refused.status, code(refused)) == (403, "domain_not_allowed")
    assert server.outbound(other)["outbound_sent_today"] == 0
    assert bound.get(f"/domains/{other}/outbound").status == 200, "reading is not bound"


def test_a_key_for_some_addresses(server):
    ref = unique("partner")
    key = made(server.master, partner_ref=ref, allowed_ips=["127.7.0.0/16", "::1"])
    assert key["allowed_ips"] == ["127.7.0.0/16", "::1"]
    inside, outside = (server.client(key["token"], source=address) for address in ("127.7.1.2", source()))
    assert inside.get("/domains").status == 200
    for _ in range(15):
        answer = outside.get("/emails")
        assert (answer.status, code(answer)) == (403, "address_not_allowed")
    assert log_in(server, key["token"], "127.7.1.2") == 303
    assert log_in(server, key["token"], outside.source) == 403
    assert server.client(MASTER, source=outside.source).get("/domains").status == 200, "a right token is no guess"


def test_a_key_for_some_requests_a_second(server):
    key = made(server.master, partner_ref=unique("partner"), rate_limit=5)
    client = server.client(key["token"])
    began = time.monotonic()
    answers = [client.get("/domains") for _ in range(60)]
    seconds = time.monotonic() - began
    accepted = [answer.status for answer in answers].count(200)
    assert 5 <= accepted <= 5 + 5 * seconds
    refused = next(answer for answer in answers if answer.status != 200)
    assert (refused.status, code(refused), refused.headers["Retry-After"]) == (429, "rate_limit_exceeded", "1")
    time.sleep(1.1)
    assert client.get("/domains").status == 200
    assert server.master.put(f"/api-keys/{key['id']}", {"rate_limit": None}).json["rate_limit"] is None
    assert [client.get("/domains").status for _ in range(30)] == [200] * 30


@pytest.mark.parametrize(
    "fields, named",
    [
        ({"domains": []}, "domains"), ({"domains": ["no domain"]}, "domains[0]"), ({"domains": ["a.example"] * 101}, "domains"),
        ({"allowed_ips": ["10.0.0.1/8"]}, "allowed_ips[0]"), ({"allowed_ips": "10.0.0.1"}, "allowed_ips"), ({"rate_limit": 0}, "rate_limit"),
        ({"rate_limit": 1.5}, "rate_limit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_bounds(server, fields, named):
    answer = server.master.post("/api-keys", {"partner_ref": unique("partner"), **fields})
    assert answer.status == 422 and answer.explain.startswith(f"{named}: "), answer
    assert answer.json["errors"][0]["field"] == named


# What customers do with their own keys


def test_customers_manage_their_own_keys(server):
    ref, other = unique("partner"), server.account()
    account = server.account(ref)
    key = made(account, name="shop", scopes=["send"])
    assert key["partner_ref"] == ref and key["scopes"] == ["send"]
    assert {one["partner_ref"] for one in account.get("/api-keys").json} == {ref}
    assert account.put(f"/api-keys/{key['id']}", {"name": "web shop"}).json["name"] == "web shop"
    path = f"/api-keys/{key['id']}"
    for answer in (other.put(path, {"active": False}), other.post(path + "/rotate"), other.delete(path)):
        assert (answer.status, answer.explain) == (404, "API key not found"), answer
    assert key["id"] not in [one["id"] for one in other.get("/api-keys").json]
    for named in (ref, "nobody"):
        assert (other.post("/api-keys", {"partner_ref": named}).status, named) == (404, named)
    assert account.delete(path).status == 204
    for scopes in (["send"], ["read"]):
        client = server.account(ref, scopes=scopes)
        assert client.post("/api-keys", {}).status == client.get("/api-keys").status == 403


def test_nobody_gives_more_than_they_have(server):
    ref = unique("partner")
    account = server.account(ref)
    bounds = {"domains": ["a.example", "b.example"], "allowed_ips": ["127.0.0.0/8"], "rate_limit": 1000, "expires_at": "2037-01-01T00:00:00.000Z"}
    bound = server.account(ref, scopes=["manage", "read"], **bounds)
    inherited = made(bound)
    assert {name: inherited[name] for name in bounds} == bounds and inherited["scopes"] == ["read", "manage"]
    for more in (
        {"scopes": ["send"]}, {"domains": ["c.example"]}, {"domains": None}, {"allowed_ips": ["0.0.0.0/0"]}, {"allowed_ips": None},
        {"rate_limit": 1001}, {"rate_limit": None}, {"expires_at": "2037-01-01T00:00:01Z"}, {"expires_at": None},
    ):
        for answer in (bound.post("/api-keys", more), bound.put(f"/api-keys/{inherited['id']}", more)):
            assert (answer.status, code(answer)) == (403, "exceeds_own_rights"), (more, answer)
    full = made(account)
    for answer in (
        bound.put(f"/api-keys/{full['id']}", {"name": "x"}), bound.post(f"/api-keys/{full['id']}/rotate"),
        bound.delete(f"/api-keys/{full['id']}"),
    ):
        assert (answer.status, code(answer)) == (403, "exceeds_own_rights"), answer
    assert server.client(full["token"]).get("/domains").status == 200
    assert made(bound, scopes=["read"], domains=["b.example"], allowed_ips=["127.0.0.1"], rate_limit=1)["rate_limit"] == 1


# Rotation


def test_rotation(server):
    account = server.account()
    key = made(account, scopes=["read"])
    first = server.client(key["token"])
    rotated = account.post(f"/api-keys/{key['id']}/rotate", {"overlap_seconds": 2})
    assert rotated.status == 200 and rotated.json["id"] == key["id"] and rotated.json["token"] != key["token"]
    assert rotated.headers["Cache-Control"] == "no-store" and rotated.json["previous_token_expires_at"]
    second = server.client(rotated.json["token"])
    assert first.get("/domains").status == second.get("/domains").status == 200
    time.sleep(2.1)
    answer = first.get("/domains")
    assert (answer.status, answer.explain) == (401, "API key has expired")
    assert second.get("/domains").status == 200
    third = server.client(account.post(f"/api-keys/{key['id']}/rotate").json["token"])
    assert second.get("/domains").explain == "API key has expired" and third.get("/domains").status == 200
    assert first.get("/domains").explain == "Invalid API key"
    for token in (first.token, second.token, third.token):
        assert token.encode() not in server.database.contents() and token not in server.log
