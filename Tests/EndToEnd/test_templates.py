"""Templates, variables and categories: what is filled in stays text, and what is incomplete is not sent."""

import base64
from email import message_from_bytes, policy
from random import Random

import pytest
from aiosmtpd.controller import Controller

from martlet.emails import email, listed, reaches, source, unsubscribe_link
from martlet.programs import free_port
from martlet.wait import eventually

HOSTILE = "<img src=x onerror=alert(1)> {{code}} \\{{ & \"'"


@pytest.fixture(scope="module")
def server(start_server):
    return start_server(MARTLET_PUBLIC_URL="https://mail.example.com")


@pytest.fixture
def template(account):
    body = {"name": "welcome", "subject": "Welcome, {{name}}", "text": "{{name}}: {{ code }}", "html": "<p title=\"{{name}}\">{{name}}: {{code}}</p>"}
    assert account.post("/templates", body).status == 201
    return "welcome"


def by_template(domain, name, **fields):
    body = email(domain, template=name, **fields)
    del body["subject"], body["text"]
    return body


def test_filled(account, domain, template):
    answer = account.post("/emails", by_template(domain, template, variables={"name": HOSTILE, "code": 7}))
    assert answer.status == 202 and answer.data["text"] == HOSTILE + ": 7", answer
    reaches(account, answer.data["id"], "DELIVERED")
    assert account.put(f"/templates/{template}", {"subject": "s", "text": "other"}).status == 200
    message = source(account, answer.data["id"])
    assert message["Subject"] == "Welcome, " + HOSTILE
    plain, html = (message.get_body(kind).get_content().strip() for kind in (["plain"], ["html"]))
    assert plain == HOSTILE + ": 7"
    escaped = "&lt;img src=x onerror=alert(1)&gt; {{code}} \\{{ &amp; &quot;&#39;"
    assert html == f'<p title="{escaped}">{escaped}: 7</p>'


def test_incomplete(server, account, domain, template):
    answer = account.post("/emails", by_template(domain, template, variables={"name": "Eva"}))
    assert answer.status == 202 and answer.data["status"] == "INCOMPLETE" and "code" in answer.json["meta"]["explain"], answer
    assert server.outbound(domain)["outbound_sent_today"] == 0
    assert [one["status"] for one in listed(account)] == ["INCOMPLETE"]
    report = account.get("/reports/emails").data["totals"]
    assert (report["accepted"], report["rejected"], report["sent"]) == (1, 1, 0)


def test_transactional_reaches_who_has_left_the_newsletter(server, account, domain):
    to = "reader@customer.example"
    news = account.post("/emails", email(domain, to=to, category="marketing")).data["id"]
    assert server.client(None).post(unsubscribe_link(account, news), b"List-Unsubscribe=One-Click").status == 200
    for category, status in [("marketing", "BLACKLISTED"), (None, "BLACKLISTED"), ("transactional", "QUEUED")]:
        answer = account.post("/emails", email(domain, to=to, category=category))
        assert answer.status == 202 and answer.data["status"] == status, answer
    assert source(account, answer.data["id"])["List-Unsubscribe"] is None
    assert account.post("/suppressions", {"address": to, "reason": "complaint"}).status == 201
    assert account.post("/emails", email(domain, to=to, category="transactional")).data["status"] == "BLACKLISTED"


def test_marketing_needs_a_public_url(start_server):
    server = start_server()
    account = server.account()
    answer = account.post("/emails", email(server.domain(account), category="marketing"))
    assert answer.status == 422 and "public.url" in answer.json["meta"]["explain"], answer


class Inbox:
    """A relay that keeps what it was given."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 2.0.0 queued"


@pytest.fixture
def inbox():
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def lines(bytes, seed):
    """A text that no database compresses."""
    return base64.encodebytes(Random(seed).randbytes(bytes * 3 // 4)).decode()


@pytest.mark.timeout(300)
def test_a_batch_stores_its_template_once_and_is_sent_as_it_was_accepted(start_server, inbox, figure):
    server = start_server(
        MARTLET_ROLES="http", MARTLET_TRANSPORT="smtp", MARTLET_SMTP_URL=f"smtp://127.0.0.1:{inbox.port}?tls=off"
    )
    account = server.account()
    domain = server.domain(account)
    texts = {"subject": "For {{who}}", "text": lines(950_000, seed=1) + "\nGoodbye {{who}}\n"}
    assert account.post("/templates", {"name": "large", **texts}).status == 201
    before = server.database.size()
    ids = []
    for half in range(2):
        numbers = range(half * 30, half * 30 + 30)
        emails = [by_template(domain, "large", to=f"r{number}@customer.example", variables={"who": f"Ann {number}"}) for number in numbers]
        answer = account.post("/emails/batch", {"emails": emails})
        assert [item["status"] for item in answer.data] == [202] * 30
        ids += [item["data"]["id"] for item in answer.data]
    grown = server.database.size() - before
    figure(f"60 emails of a template of 1 MB: {grown / 1e6:.1f} MB stored")
    assert grown < 6_000_000

    # Neither a change nor the deletion of the template reaches what was accepted.
    assert account.put("/templates/large", {"subject": "s", "text": "changed {{who}}"}).status == 200
    changed = account.post("/emails", by_template(domain, "large", to="r60@customer.example", variables={"who": "Ann 60"})).data["id"]
    assert account.delete("/templates/large").status in (200, 204)
    assert account.get(f"/emails/{ids[7]}").data["text"] == texts["text"].replace("{{who}}", "Ann 7")
    assert [one["subject"] for one in listed(account)][:2] == ["s", "For Ann 59"]
    server.stop()
    server.start(MARTLET_ROLES="http,delivery")
    eventually(lambda: len(inbox.messages) == 61, within=120, what="all are sent")
    for id in [*ids, changed]:
        reaches(account, id, "SENT", within=30)
    bodies = {message["To"]: message.get_content().replace("\r\n", "\n").strip() for message in inbox.messages}
    assert len(bodies) == 61 and bodies["r60@customer.example"] == "changed Ann 60"
    for number in range(60):
        assert bodies[f"r{number}@customer.example"] == texts["text"].replace("{{who}}", f"Ann {number}").strip()
