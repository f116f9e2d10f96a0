"""`POST /emails` as the Email API document describes it: its envelope, its refusals, statuses, timeline and lists."""

import time

import pytest

from martlet.emails import email, listed, reaches, send, source, unsubscribe_link
from martlet.load import Load, Tally
from martlet.server import unique

FIELDS = {"id", "to", "from", "userName", "operator", "text", "status", "subject", "externalId", "clientId", "callbacks", "alias"}
DOCUMENTED = {
    "text": "we have a new offer this week",
    "subject": "EliPackage Promo",
    "externalId": "123456789abcde",
    "clientId": "48118112",
    "callbacks": ["https://customer.example/status"],
    "alias": "New User",
}


def test_envelope(account, domain):
    body = email(domain, **DOCUMENTED)
    answer = account.post("/emails", body)
    assert answer.status == 202, answer
    assert set(answer.json) == {"meta", "data"}
    meta, data = answer.json["meta"], answer.json["data"]
    assert set(meta) == {"timestamp", "transactionId"}
    assert abs(meta["timestamp"] - time.time() * 1000) < 60_000
    assert isinstance(meta["transactionId"], str) and meta["transactionId"]
    assert set(data) == FIELDS and data["id"]
    assert {name: data[name] for name in body} == body
    assert data["status"] == "QUEUED"
    assert data["userName"] == account.ref and data["operator"] == f"operator of {account.ref}"


def test_callbacks_as_one_string(account, domain):
    data = send(account, domain, callbacks="https://a.example/x, https://b.example/y")
    assert data["callbacks"] == ["https://a.example/x", "https://b.example/y"]


def test_unsubscribe(server, account, domain):
    """Looking at the page changes nothing, the one click does: for this sender, and without a login."""
    body = email(domain, to="reader@customer.example")
    answer = account.post("/emails?unsubscribeMsg=Leave%20us", body)
    message = source(account, answer.data["id"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and "Leave us" in message.get_content()
    link, reader = unsubscribe_link(account, answer.data["id"]), server.client(None)
    for _ in range(2):
        page = reader.get(link)
        assert page.status == 200 and page.headers["Content-Type"].startswith("text/html") and b"<form" in page.body
    assert account.post("/emails", body).data["status"] == "QUEUED"
    assert reader.post(link, b"List-Unsubscribe=One-Click", Content_Type="application/x-www-form-urlencoded").status == 200
    assert account.post("/emails", body).data["status"] == "BLACKLISTED"
    assert account.post("/emails", email(domain, to="reader@customer.example", **{"from": f"other@{domain}"})).data["status"] == "QUEUED"
    for forged in (link[:-1], link + "A", link.swapcase(), "/u/" + "A" * 200):
        assert reader.post(forged).status == 404


@pytest.mark.parametrize("text", ["plain\ntext", "<html><body><p>Hi</p></body></html>"])
def test_source(account, domain, text):
    message = source(account, send(account, domain, text=text, subject="Grüße", alias="Zoë")["id"])
    assert message["Subject"] == "Grüße" and message["To"].addresses[0].display_name == "Zoë"
    assert message.get_content_type() == ("multipart/alternative" if "<" in text else "text/plain")


MALFORMED = [b"", b"{", b'{"to": "a@b.example",}', b"\xff\xfe", b"to=a&from=b", b"nul"]


@pytest.mark.parametrize("body", MALFORMED, ids=repr)
def test_malformed_json(account, body):
    answer = account.post("/emails", body, Content_Type="application/json")
    assert answer.status == 400 and answer.json["meta"]["explain"], answer


@pytest.mark.parametrize("absent", [True, False], ids=["absent", "null"])
@pytest.mark.parametrize("field", ["to", "from", "text", "subject"])
def test_missing_field(account, domain, field, absent):
    body = {**email(domain), field: None}
    if absent:
        del body[field]
    answer = account.post("/emails", body)
    assert answer.status == 400 and field in answer.json["meta"]["explain"], answer


INVALID = [
    ("to", 5), ("to", ["a@b.example"]), ("to", ""), ("to", "no-at"), ("to", "a@"), ("to", "a@b@c.example"), ("to", "a b@c.example"),
    ("to", "a@b.example\r\nBcc: c@d.example"), ("to", "x" * 65 + "@b.example"), ("to", "a@" + "b" * 64 + ".example"),
    ("from", True), ("from", "nobody"), ("from", "a@b.example\nX: y"),
    ("subject", 1), ("subject", {}), ("subject", "a\r\nBcc: c@d.example"), ("subject", "a\nb"),
    ("text", 1), ("text", []),
    ("alias", 7), ("alias", "a\r\nb"),
    ("externalId", 12), ("clientId", {}),
    ("callbacks", 5), ("callbacks", [5]), ("callbacks", ["string"]), ("callbacks", ["ftp://a.example/"]), ("callbacks", {"url": "https://a.example"}),
]


@pytest.mark.parametrize("field, value", INVALID, ids=lambda value: repr(value)[:40])
def test_invalid_field(account, domain, field, value):
    answer = account.post("/emails", email(domain, **{field: value}))
    assert answer.status == 422 and field in answer.json["meta"]["explain"], answer
    assert listed(account) == []


def test_body_that_is_no_object(account):
    answer = account.post("/emails", [1, 2])
    assert answer.status in (400, 422) and answer.json["meta"]["explain"], answer


def test_foreign_and_unverified_senders(server, account, domain):
    other = server.account()
    foreign = server.domain(other)
    pending = unique("pending") + ".example"
    account.post("/domains", {"name": pending})
    for sender in (foreign, pending, "nowhere.example", "sub." + pending, "sub." + foreign):
        answer = account.post("/emails", email(sender))
        assert answer.status == 403 and answer.data["status"] == "BAD_FROM", answer
        assert answer.json["meta"]["explain"]
    assert listed(account) == [] and listed(other) == []


def test_hard_quota(server, account):
    domain = server.domain(account, outbound_daily_limit=2)
    send(account, domain), send(account, domain)
    answer = account.post("/emails", email(domain))
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0, answer
    assert "daily" in answer.json["meta"]["explain"]
    assert server.outbound(domain)["outbound_sent_today"] == 2 and len(listed(account)) == 2


def test_soft_quota(server, account):
    domain = server.domain(account, outbound_daily_limit=1, outbound_enforcement="soft")
    send(account, domain), send(account, domain)
    assert server.outbound(domain)["outbound_sent_today"] == 2


def test_suspended_domain(server, account):
    domain = server.domain(account, outbound_status="suspended")
    answer = account.post("/emails", email(domain))
    assert answer.status == 403 and answer.data["status"] == "BLOCKED_DUE_BAD_BEHAVIOUR", answer
    assert answer.json["meta"]["explain"]
    server.master.put(f"/domains/{domain}/outbound", {"outbound_enforcement": "soft"})
    send(account, domain)


def test_too_large(account, domain):
    answer = account.post("/emails", email(domain, text="x" * 11_000_000))
    assert answer.status == 413 and answer.json["meta"]["explain"], answer


SIMULATED = [
    ("success", "DELIVERED", 0, 0), ("bounce", "BOUNCED_PERMANENT", 1, 0), ("softbounce", "BOUNCED", 0, 0), ("complaint", "COMPLAINED", 0, 1),
    ("suppressionlist", "BOUNCED_PERMANENT", 1, 0), ("anybody", "DELIVERED", 0, 0),
]


@pytest.mark.parametrize("recipient, status, bounces, complaints", SIMULATED, ids=lambda value: str(value))
def test_simulator(server, account, domain, recipient, status, bounces, complaints):
    data = reaches(account, send(account, domain, to=f"{recipient}@simulator.martlet.test")["id"], status)
    outbound = server.outbound(domain)
    assert (outbound["bounce_count"], outbound["complaint_count"]) == (bounces, complaints)
    assert outbound["outbound_sent_today"] == 1 and outbound["bounce_rate"] == 100 * bounces
    path = [entry["status"] for entry in data["timeline"]]
    assert path[0] == "QUEUED" and {"SENT", status} <= set(path)
    assert all(entry["at"].endswith("Z") for entry in data["timeline"])


def test_one_email(server, account, domain):
    sent = send(account, domain, **DOCUMENTED)
    data = reaches(account, sent["id"], "DELIVERED")
    assert {name: data[name] for name in FIELDS - {"status"}} == {name: sent[name] for name in FIELDS - {"status"}}
    assert data["attempts"] == 1 and data["createdAt"] <= data["updatedAt"]
    assert server.account().get(f"/emails/{sent['id']}").status == 404
    for unknown in ("nothing", "00000000-0000-7000-8000-000000000000", "%00", "x" * 3000):
        answer = account.get(f"/emails/{unknown}")
        assert answer.status in (400, 404, 414, 422) and answer.explain, answer


def test_pages(account, domain):
    sent = [send(account, domain, externalId=f"campaign{number % 2}")["id"] for number in range(25)]
    first = account.get("/emails?limit=10")
    assert len(first.data) == 10 and first.json["meta"]["next"]
    ids = [item["id"] for item in listed(account, limit=10)]
    assert ids == sent[::-1]
    assert len(listed(account, "externalId=campaign1", limit=5)) == 12


def test_filters(account, domain):
    send(account, domain, to="one@simulator.martlet.test", clientId="c1")
    send(account, domain, to="two@simulator.martlet.test", externalId="x2", **{"from": f"other@{domain}"})
    assert [item["clientId"] for item in listed(account, "to=one@simulator.martlet.test")] == ["c1"]
    assert [item["externalId"] for item in listed(account, "externalId=x2")] == ["x2"]
    assert len(listed(account, "clientId=c1")) == 1 and len(listed(account, f"from=other@{domain}")) == 1
    assert len(listed(account, "since=2020-01-01T00:00:00Z")) == 2 and listed(account, "until=2020-01-01T00:00:00Z") == []
    assert len(listed(account, "status=BOUNCED")) == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1001", "limit=x", "status=LOST", "since=yesterday", "until=1", "after=%00"])
def test_bad_queries(account, query):
    answer = account.get(f"/emails?{query}")
    assert answer.status in (400, 422) and query.split("=")[0] in answer.json["meta"]["explain"], answer


def test_a_repeated_request_is_answered_as_the_first(account, domain):
    """Status code and body as they were, whatever became of the email since."""
    body = {**email(domain), "cc": ["copy@simulator.martlet.test"]}
    first = account.post("/emails", body, Idempotency_Key="first")
    assert first.status == 202 and first.data["status"] == "QUEUED", first
    reaches(account, first.data["id"], "DELIVERED")
    again = account.post("/emails", body, Idempotency_Key="first")
    assert (again.status, again.body) == (first.status, first.body)
    assert first.json["meta"]["transactionId"] != account.post("/emails", body, Idempotency_Key="other").json["meta"]["transactionId"]


def test_a_repeated_batch_is_answered_as_the_first(account, domain):
    good, bad = email(domain), {**email(domain), "from": "x@nobody.example"}
    first = account.post("/emails/batch", {"emails": [good, bad, good]}, Idempotency_Key="batch").json["data"]
    assert [item["status"] for item in first] == [202, 403, 202]
    for item in (first[0], first[2]):
        reaches(account, item["data"]["id"], "DELIVERED")
    again = account.post("/emails/batch", {"emails": [good, bad, good]}, Idempotency_Key="batch").json["data"]
    assert again == first


def test_idempotency(server, account, domain):
    """The same key answers the first result, also while the first is still in flight; it sends and counts once."""
    body, answers = email(domain), Tally()

    def once(_):
        answer = account.post("/emails", body, Idempotency_Key="order-17")
        answers.keep("ids" if answer.status == 202 else "refused", answer.data["id"] if answer.status == 202 else answer)
        return False

    Load(16, once).__enter__().wait()
    assert len(set(answers.list("ids"))) == 1 and not answers.list("refused")
    other = account.post("/emails", {**body, "subject": "Another"}, Idempotency_Key="order-17")
    assert other.status == 409 and other.json["meta"]["explain"], other
    assert len(listed(account)) == 1 and server.outbound(domain)["outbound_sent_today"] == 1
    assert account.post("/emails", body, Idempotency_Key="order-18").data["id"] not in answers.list("ids")
    assert account.post("/emails", body, Idempotency_Key="k" * 257).status == 422
