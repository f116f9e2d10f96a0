"""Ten thousand random mutations of valid requests: no 5xx, no crash, and every refusal says why."""

import json
import random
import re
import threading
import time
from urllib.parse import quote

import pytest

from martlet import sns
from martlet.client import BROKEN, Client
from martlet.emails import email, unsubscribe_link
from martlet.load import Load
from martlet.server import MASTER

MUTATIONS = 10_000
THREADS = 6
SEED = 20251121

VALUES = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**30, 1.5, -0.0, 1e308, "", " ", "0", "x" * 5000, "\u0000", "\r\n", "a\r\nBcc: x@y.example",
    "💥" * 100, "\u202e", "\ufeff", "'; DROP TABLE emails; --", "<script>", "../../etc/passwd", "%s%n", "{{name}}", [], {}, [None], [[]], {"": ""},
    ["a"] * 300, "a@" + "b." * 200 + "example", "NaN", "2025-13-45T99:99:99Z", "https://", "http://[::1", "http://a b/", "postgres://", "\ud800",
]
SEGMENTS = ["", "%00", "%ff%fe", "..", "%2e%2e", "a%2Fb", "x" * 300, "%F0%9F%92%A5", "*", "-", "null", "%20", "example.com", "%E2%80%AE", "0", "..%5c"]
QUERIES = [
    "limit", "limit=", "limit=-1", "limit=1e9", "limit=99999999999999999999", "limit=%00", "after=", "after=x", "after=%ff", "status=", "status=X",
    "since=", "since=x", "since=9999-99-99", "until=0000-00-00T00:00:00Z", "to=%", "to=a&to=b", "period=", "period=2025-13", "period=x", "&&&", "=", "a=b=c",
    "unsubscribeMsg=", "unsubscribeMsg=%0d%0a", "unsubscribeMsg=" + "x" * 3000, "unsubscribeMsg=%ff", "format=xml",
]
HEADERS = [
    ("Content-Type", "text/plain"), ("Content-Type", ""), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "x" * 1000),
    ("Idempotency-Key", ""), ("Idempotency-Key", "k" * 257), ("Idempotency-Key", "k" * 5000), ("Idempotency-Key", "same"), ("Accept", "text/csv"),
    ("Accept", "nonsense"), ("Accept-Encoding", "br;q=x"), ("Content-Encoding", "gzip"), ("If-None-Match", "*"), ("Range", "bytes=5-1"),
    ("Expect", "200-maybe"), ("X-Forwarded-For", "999.1.1.1"), ("Cookie", "a=b; c"), ("Host", "evil.example"), ("Authorization", None),
    ("Authorization", "Bearer"), ("Authorization", "Bearer " + "x" * 4000), ("Authorization", "Basic ===="), ("Authorization", "Bearer \xff\xfe"),
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]


def valid_requests(domain, spare, id, key, link, ref):
    """One of each endpoint: method, path, body. A mutated method may delete the spare domain; the other must stay."""
    change = {"outbound_daily_limit": 0, "outbound_monthly_limit": 0, "outbound_tier": "shared", "outbound_enforcement": "soft", "outbound_status": "active"}
    full = email(domain, externalId="e", clientId="c", callbacks=["https://a.example/"], alias="A", sendAt="2020-01-01T00:00:00+01:00")
    event = sns.envelope(sns.bounce("mutated", f"news@{domain}", "x@customer.example", type="Transient"))
    return [
        ("POST", "/emails", full), ("POST", "/emails?unsubscribeMsg=bye", full), ("POST", "/emails", full), ("GET", f"/emails/{id}", None),
        ("POST", "/emails/batch?unsubscribeMsg=bye", {"emails": [full, full]}),
        ("POST", "/emails", full | {"cc": ["c@simulator.martlet.test"], "bcc": "d@simulator.martlet.test", "attachments": [
            {"filename": "a.pdf", "content": "Zm9v", "contentType": "application/pdf", "contentId": "i"}]}),
        ("POST", "/emails", {**full, "from": f'"Acme, Inc." <news@{domain}>', "to": "Eva <e@simulator.martlet.test>", "alias": "Eva",
                             "replyTo": ["=?utf-8?q?Zo=C3=AB?= <a@a.example>"], "cc": "Ann (x) <c@a.example>, d@a.example", "fromName": "Acme, Inc."}),
        ("POST", "/emails", {"from": full["from"], "to": full["to"], "subject": "s", "html": "<p>alone</p>"}),
        ("GET", f"/refusals?limit=5&userName={ref}&to=a@b.example", None), ("GET", f"/search?q=news&userName={ref}", None), ("PUT", f"/domains/{spare}", {"from_name": "Shop, Inc."}),
        ("GET", "/emails?limit=5&status=SENT&since=2025-01-01T00:00:00Z", None),
        ("POST", "/templates", {"name": "t", "subject": "{{a}}", "text": "\\{{ {{b}}", "html": "<p>{{a}}", "userName": "p"}),
        ("GET", "/templates?userName=p&limit=5", None), ("GET", "/templates/t?userName=p", None), ("DELETE", "/templates/absent?userName=p", None),
        ("PUT", "/templates/t?userName=p", {"subject": "{{a}}", "text": "{{b}}"}),
        ("POST", "/emails", {**full, "subject": "{{a}}", "text": "<p>{{a}}</p>", "variables": {"a": "x", "b": 1}, "category": "transactional"}),
        ("POST", "/emails", {"from": full["from"], "to": full["to"], "template": "absent", "variables": {"a": "x"}}),
        ("DELETE", "/emails/0192f0c1-0000-7000-8000-000000000000", None),
        ("GET", f"/emails/{id}/source", None), ("GET", link, None), ("POST", link, b"List-Unsubscribe=One-Click"),
        ("GET", "/accounts?limit=5", None), ("GET", f"/accounts/{ref}", None), ("GET", f"/accounts/{ref}/reputation", None),
        ("POST", "/accounts/nobody/review", {"decision": "keep", "note": "n"}), ("GET", f"/domains/{spare}", None),
        ("GET", f"/accounts/{ref}/outbound", None), ("GET", f"/usage?since=2025-11-01&until=2025-11-30&domain={spare}", None),
        ("GET", f"/accounts/{ref}/contacts", None),
        ("PUT", "/accounts/p/contacts", [{"address": "ann@partner.example", "events": ["domain.quota"], "language": "es"}]),
        ("PUT", "/accounts/p/limits", {"daily_limit": 10**9, "monthly_limit": 0, "enforcement": "soft", "domains_limit": 10**6}),
        ("POST", "/domains/absent.example/approve?partner_ref=p", None),
        ("GET", "/audit?limit=5&action=domain.create&target=x&since=2025-01-01T00:00:00Z", None), ("GET", "/events/unmatched?limit=5", None),
        ("POST", "/domains", {"name": "mutated.example", "partner_ref": "p"}), ("GET", "/domains?limit=5", None), ("DELETE", "/domains/absent.example", None),
        ("PUT", "/domains/absent.example/owner", {"partner_ref": "p"}), ("GET", f"/domains/{domain}/outbound", None),
        ("PUT", f"/domains/{domain}/outbound", change), ("POST", f"/domains/{domain}/outbound/increment", {"count": 1}),
        ("POST", f"/domains/{domain}/ses-verify", None), ("GET", f"/domains/{domain}/ses-status", None), ("GET", f"/domains/{domain}/dns-check", None),
        ("GET", f"/domains/{spare}/records.zone", None), ("POST", f"/domains/{spare}/ses-verify", {"mail_from": "mail"}),
        ("POST", "/webhooks/ses", event), ("POST", "/webhooks/ses", event), ("GET", "/outbound/billing?period=2025-11", None),
        ("POST", "/api-keys", {"partner_ref": "p", "name": "n", "scopes": ["read"], "expires_at": "2030-01-01T00:00:00Z"}),
        ("PUT", f"/api-keys/{key}", {"name": "m", "active": True, "domains": ["a.example"], "allowed_ips": ["::1/128"], "rate_limit": 10}),
        ("POST", f"/api-keys/{key}/rotate", {"overlap_seconds": 60}), ("DELETE", "/api-keys/999999", None), ("GET", "/api-keys", None),
        ("GET", "/suppressions?limit=5&reason=manual&userName=p", None), ("DELETE", "/suppressions/999999", None),
        ("DELETE", "/suppressions?address=a@mutated.example&userName=p", None), ("GET", "/recipients/a@mutated.example?limit=5&userName=p", None),
        ("POST", "/recipients/erase", {"address": "a@mutated.example", "userName": "p"}),
        ("GET", "/jobs/0192f0c1-0000-7000-8000-000000000000", None),
        ("POST", "/suppressions", {"address": "a@mutated.example", "sender": f"s@{domain}", "reason": "manual", "note": "n", "userName": "p"}),
        ("POST", "/suppressions/import?userName=p", b"address,scope,sender,reason,note\r\nb@mutated.example,account,,complaint,\"n\"\r\n"),
        ("POST", "/senders", {"email": "a@mutated.example", "userName": "p"}), ("GET", "/senders?limit=5", None),
        ("DELETE", "/senders/a@mutated.example", None), ("POST", "/senders/a@mutated.example/approve", None),
        ("POST", "/subscriptions", {"email": "a@mutated.example", "list": "l", "from": f"s@{domain}"}), ("GET", "/subscriptions?list=l", None),
        ("DELETE", "/subscriptions/999999", None), ("GET", "/c/token", None), ("POST", "/c/token", b"x=y"),
        ("POST", "/callback-endpoints", {"url": "https://a.example/", "events": ["DELIVERED"], "active": True, "userName": "p"}),
        ("GET", "/callback-endpoints", None), ("PUT", "/callback-endpoints/999999", {"active": False}), ("DELETE", "/callback-endpoints/999999", None),
        ("POST", "/callback-endpoints/999999/ping", None), ("GET", "/callback-secret", None), ("POST", "/callback-secret/rotate", {}),
        ("GET", "/callback-deliveries?status=parked", None), ("GET", "/callback-deliveries/0", None), ("POST", "/callback-deliveries/0/replay", None),
        ("POST", "/outbound/reset-daily", None), ("POST", "/outbound/reset-monthly", None),
        ("GET", "/reports/emails?from=2025-11-01&to=2025-11-30&groupBy=hour&timezone=Europe/Madrid&tag=t", None),
        ("GET", "/reports/campaigns?limit=5&format=csv", None), ("GET", f"/reports/campaigns/e?userName={ref}", None),
        ("GET", "/healthz", None), ("GET", "/readyz", None), ("GET", "/metrics", None), ("GET", "/openapi.json", None), ("GET", "/docs", None),
        ("GET", "/docs.md", None), ("GET", "/llms.txt", None),
    ]


def assert_complete(server, requests):
    """Every call of the API's own description is among the requests."""
    for path, operations in server.client(None).get("/openapi.json").json["paths"].items():
        pattern = re.compile(re.sub(r"\\{[^}]*\\}", "[^/?]+", re.escape(path)) + r"(\?|$)")
        for method in operations:
            assert any(one == method.upper() and pattern.match(other) for one, other, _ in requests), f"{method} {path} is not mutated"


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def __call__(self, method, path, body):
        """The mutated request: method, path, headers, body as bytes or None."""
        headers = {"Content-Type": "text/csv" if path.startswith("/suppressions/import") else "application/json"}
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            kinds = ["path", "path", "query", "query", "query", "header", "header", "header", "method"]
            kinds += ["value", "value", "bytes", "shape"] * (body is not None) * 5
            kind = self.random.choice(kinds)
            if kind == "path":
                path = self._path(path)
            elif kind == "query":
                path += ("&" if "?" in path else "?") + self.random.choice(QUERIES)
            elif kind == "header":
                headers.update([self.random.choice(HEADERS)])
            elif kind == "method":
                method = self.random.choice(METHODS)
            elif isinstance(body, (dict, list)):
                body = {"value": self._value, "shape": self._shape, "bytes": self._bytes}[kind](body)
            elif isinstance(body, bytes):
                body = self._bytes(body)
        if isinstance(body, (dict, list)):
            body = _encoded(body)
        return method, path, headers, body

    def _path(self, path):
        path, _, query = path.partition("?")
        segments = path.split("/")[1:]
        place = self.random.randrange(len(segments))
        action = self.random.randrange(4)
        if action == 0:
            segments[place] = self.random.choice(SEGMENTS)
        elif action == 1:
            segments.insert(place, self.random.choice(SEGMENTS))
        elif action == 2:
            segments.append("")
        else:
            segments[place] = quote(segments[place].upper()[::-1])
        return "/" + "/".join(segments) + ("?" + query if query else "")

    def _value(self, body):
        body = json.loads(json.dumps(body)) if isinstance(body, dict) else {}
        key = self.random.choice(list(body) or ["x"])
        value = self.random.choice(VALUES)
        if key == "Message" and self.random.random() < 0.8 and str(body[key]).startswith("{"):
            value = self._event(body[key])
        body[key if self.random.random() < 0.9 else self.random.choice(["", "id", "__proto__", "x" * 500, "\u0000"])] = value
        return body

    def _event(self, text):
        """A fault somewhere inside the SES event."""
        event = json.loads(text)
        place = event
        while True:
            items = list(place.items()) if isinstance(place, dict) else list(enumerate(place))
            if not items:
                break
            key, inner = self.random.choice(items)
            if isinstance(inner, (dict, list)) and inner and self.random.random() < 0.8:
                place = inner
                continue
            place[key] = self.random.choice(VALUES)
            break
        return json.dumps(event)

    def _shape(self, body):
        action = self.random.randrange(6)
        if action == 0 and isinstance(body, dict) and body:
            return {key: value for key, value in body.items() if key != self.random.choice(list(body))}
        if action == 1:
            return [body]
        if action == 2:
            return b"[" * self.random.choice([10, 1000, 100_000])
        if action == 3:
            return b'{"a":' * 2000 + b"1" + b"}" * 2000
        if action == 4 and isinstance(body, dict) and body:
            key = self.random.choice(list(body))
            return _encoded(body)[:-1] + b"," + _encoded(key) + b": 1}"
        return self.random.choice([b"", b"null", b"1e99999", b'"text"', b"\xef\xbb\xbf{}", b"{}{}", b'{"to": "\\ud800"}', b"\x00"])

    def _bytes(self, body):
        text = bytearray(body if isinstance(body, bytes) else _encoded(body))
        for _ in range(self.random.randint(1, 4)):
            place = self.random.randrange(len(text) + 1)
            action = self.random.randrange(4)
            if action == 0:
                text[place:place] = bytes([self.random.randrange(256)])
            elif action == 1:
                del text[place : place + self.random.randint(1, 5)]
            elif action == 2:
                del text[place:]
            elif text:
                text[place % len(text)] = self.random.randrange(256)
        return bytes(text)


def _encoded(value):
    return json.dumps(value, ensure_ascii=True).encode()


class Fuzz:
    """One thread's share; failures are collected, the run goes on."""

    def __init__(self, server, requests):
        self.server, self.requests = server, requests
        self.failures, self.statuses = [], {}
        self.lock = threading.Lock()

    def __call__(self, number):
        mutate = Mutator(SEED + number)
        # Failed authentications are throttled by address: each has one of its own.
        strangers = 0
        client = Client(self.server.port, MASTER, source=f"127.0.{number + 1}.1")
        for _ in range(MUTATIONS // THREADS + 1):
            method, path, headers, body = mutate(*mutate.random.choice(self.requests))
            unauthorized = "Authorization" in headers
            if unauthorized:
                strangers += 1
                sender = Client(self.server.port, source=f"127.{number + 1}.{strangers // 250}.{strangers % 250 + 1}")
                headers = {name: value for name, value in headers.items() if value is not None}
            else:
                sender = client
            self._judge(sender, method, path, headers, body)
            if unauthorized:
                sender.close()
        return False

    def _judge(self, client, method, path, headers, body):
        try:
            answer = client.request(method, path, body, headers)
        except BROKEN as broken:
            return self._fail(method, path, headers, body, repr(broken))
        with self.lock:
            self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        # Pages for people say it in HTML.
        explained = answer.explain or (re.match("/+[uc]/", path) and b"<h1>" in answer.body)
        # At the root there is the query API of SES, in its XML.
        explained = explained or (re.match(r"/+(\?|$)", path) and b"<Message>" in answer.body)
        if answer.status >= 500 or (answer.status >= 400 and not explained):
            self._fail(method, path, headers, body, answer)

    def _fail(self, method, path, headers, body, answer):
        with self.lock:
            self.failures.append(f"{method} {path[:200]} {headers} {(body or b'')[:300]!r} -> {answer}")


@pytest.mark.timeout(180)
def test_mutations(start_server, figure):
    server = start_server(MARTLET_SNS_VERIFY_SIGNATURES="false", MARTLET_GUILLOTINE_MINIMUM_SENT="1000000")
    account = server.account()
    domain = server.domain(account)
    id = account.post("/emails?unsubscribeMsg=bye", email(domain)).data["id"]
    key = server.master.get("/api-keys").json[0]["id"]
    requests = valid_requests(domain, server.domain(account), id, key, unsubscribe_link(account, id), account.ref)
    assert_complete(server, requests)
    fuzz = Fuzz(server, requests)
    started = time.monotonic()
    Load(THREADS, fuzz).__enter__().wait()
    took = time.monotonic() - started
    figure(f"mutations: {sum(fuzz.statuses.values())} in {took:.0f} s, answers by status {dict(sorted(fuzz.statuses.items()))}")
    assert server.is_running, server.log[-2000:]
    assert server.outbound(domain)["outbound_status"] == "active", "most requests must have been able to succeed"
    assert not fuzz.failures, f"{len(fuzz.failures)} bad answers, for example:\n" + "\n".join(fuzz.failures[:25])
    assert server.client(None).get("/healthz").status == 200
    assert server.account().get("/domains").status == 200


GARBAGE = [
    b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /emails HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
    b"POST /emails HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000,
    b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n", b"POST /emails HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.parametrize("bytes", GARBAGE, ids=lambda value: repr(value[:24]))
def test_garbage_on_the_wire(server, bytes):
    import socket

    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        try:
            connection.sendall(bytes)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
        except OSError:
            answer = b""
    assert not answer or answer.split(b" ", 2)[1][:1] in (b"2", b"4", b"5")
    assert b" 500 " not in answer[:20]
    assert server.client(None).get("/healthz").status == 200
